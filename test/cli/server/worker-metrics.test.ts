import { expect, test } from "vitest"
import { mergeMetrics } from "../../../src/cli/support/WorkerMetrics.ts"

test("the metrics of workers become one page, each with its worker, and those of one name together", () => {
  const one =
    '# HELP a_total Things, with {braces}\n# TYPE a_total counter\na_total 1\n# TYPE b histogram\nb_bucket{le="1"} 2\nb_sum 0.5\n'
  const two =
    '# TYPE b histogram\nb_bucket{le="1"} 3\n# HELP a_total Things, with {braces}\n# TYPE a_total counter\na_total 4\n'
  expect(
    mergeMetrics([
      { worker: 1, text: one },
      { worker: 2, text: two },
      { worker: 3, text: "" }
    ])
  ).toBe(
    [
      "# HELP a_total Things, with {braces}",
      "# TYPE a_total counter",
      'a_total{worker="1"} 1',
      'a_total{worker="2"} 4',
      "# TYPE b histogram",
      'b_bucket{worker="1",le="1"} 2',
      'b_sum{worker="1"} 0.5',
      'b_bucket{worker="2",le="1"} 3',
      ""
    ].join("\n")
  )
})
