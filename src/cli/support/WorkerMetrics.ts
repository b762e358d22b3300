/** The metrics of several processes as one page. */

/** Matches the name of a sample, and the brace of its labels if it has any. */
const nameAndBrace = /^([\w:]+)(\{?)/

const withWorker = (sample: string, worker: number): string =>
  sample.replace(nameAndBrace, (_, name, brace) =>
    brace === "" ? `${name}{worker="${worker}"}` : `${name}{worker="${worker}",`
  )

/**
 * Merges pages in Prometheus text format. Each sample gets the label `worker`: sums would seem to be reset when one of the workers starts
 * again. The format wants all samples of a metric together, after its description.
 */
export const mergeMetrics = (
  pages: ReadonlyArray<{ readonly worker: number; readonly text: string }>
): string => {
  const metrics = new Map<string, { readonly comments: Set<string>; readonly samples: Array<string> }>()
  for (const { text, worker } of pages) {
    let current = ""
    for (const line of text.split("\n")) {
      if (line === "") continue
      const [, kind, name = ""] = line.split(" ", 3)
      const isComment = line.startsWith("# ") && (kind === "HELP" || kind === "TYPE")
      if (isComment) current = name
      const metric = metrics.get(current) ?? { comments: new Set(), samples: [] }
      metrics.set(current, metric)
      if (isComment) metric.comments.add(line)
      else metric.samples.push(withWorker(line, worker))
    }
  }
  return [...metrics.values()]
    .flatMap(({ comments, samples }) => [...comments, ...samples])
    .map((line) => `${line}\n`)
    .join("")
}
