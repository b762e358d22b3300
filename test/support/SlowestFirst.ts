import { BaseSequencer, type TestSpecification } from "vitest/node"

/**
 * Files that take longer than all others, the longest first. The model reads the feed, which waits for every open
 * transaction of the server, and hosts hold one as long as they are tested: they are apart.
 */
const slow = [
  "test/model/postgres",
  "test/crash/",
  "test/cli/commands/embedded",
  "test/adapters/pglite/pglite-directory",
  "test/docs/typescript",
  "test/examples/",
  "test/contract/hosts",
  "test/cli/commands/postgres",
  "test/outage/database/",
  "test/browser/",
  "test/cli/extras/demo-data",
  "test/outage/",
  "test/cli/",
  "test/model/",
  "test/fuzz/",
  "test/adapters/postgres/plans/"
]

const rank = ({ moduleId, project }: TestSpecification) => {
  if (project.name === "fast") return slow.length + 1
  const found = slow.findIndex((part) => moduleId.includes(part))
  return found < 0 ? slow.length : found
}

/** Begins with the slow files, so that no worker is left with one of them when all others have nothing to do. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>) {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
