import { Record } from "effect"

interface Operation {
  readonly operationId: string
}

/** Effect joins the names of group and endpoint by a dot, which many generators of clients cannot make a name of. */
const named = (operation: Operation): Operation => ({
  ...operation,
  operationId: operation.operationId.replace(/\.(\w)/g, (_, first: string) => first.toUpperCase())
})

/** Names the operations of an OpenAPI document in camel case, such as `ordersPlace`. */
export const nameOperations = (document: Record<string, unknown>): Record<string, unknown> => ({
  ...document,
  paths: Record.map(document.paths as Record<string, Record<string, Operation>>, Record.map(named))
})
