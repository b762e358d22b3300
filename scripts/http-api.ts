/** The reference of the HTTP API in docs/http-api.md, made from the description that the server itself serves. */
import { Context, Option } from "effect"
import { OpenApi } from "effect/http-api"
import { access } from "../src/domain/accounts/AccessPolicy.ts"
import { RequiredPermission } from "../src/http/api/Authorization.ts"
import { Api } from "../src/http/api/index.ts"

interface Shape {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: ReadonlyArray<string>
  readonly anyOf?: ReadonlyArray<Shape>
  readonly items?: Shape
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: unknown
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Shape }>>
}

interface Operation {
  readonly summary: string
  readonly tags: ReadonlyArray<string>
  readonly operationId: string
  readonly requestBody?: Content
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly in: string }>
  readonly responses: Readonly<Record<string, Content>>
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> }
}

const document = OpenApi.fromApi(Api) as unknown as Document

const nameOf = (ref: string) => ref.split("/").at(-1) ?? ref
const resolve = (shape: Shape): Shape =>
  shape.$ref === undefined ? shape : (document.components.schemas[nameOf(shape.$ref)] ?? shape)

/** The type of a field, as TypeScript would write it. */
const typeText = (shape: Shape): string => {
  if (shape.$ref !== undefined) return nameOf(shape.$ref)
  if (shape.enum !== undefined) return shape.enum.map((value) => `"${value}"`).join(" | ")
  if (shape.anyOf !== undefined) return shape.anyOf.map(typeText).join(" | ")
  if (shape.type === "array") {
    const item = typeText(shape.items ?? {})
    return item.includes("|") ? `(${item})[]` : `${item}[]`
  }
  if (shape.properties !== undefined) return fieldsText(shape, typeText)
  if (shape.type === "object") return "object of strings"
  return shape.format ?? shape.type ?? "any"
}

const fieldsText = (shape: Shape, show?: (field: Shape) => string): string => {
  const fields = Object.entries(shape.properties ?? {}).map(([name, field]) => {
    const mark = shape.required?.includes(name) ? "" : "?"
    return show === undefined ? `${name}${mark}` : `${name}${mark}: ${show(field)}`
  })
  return `{ ${fields.join(", ")} }`
}

const isWrapper = (shape: Shape) => {
  const names = Object.keys(shape.properties ?? {}).join()
  return names === "items" || names === "items,nextCursor"
}

/** The name of what is answered: a page and a list are named after what they hold. */
const responseName = (shape: Shape): string => {
  const resolved = resolve(shape)
  if (!isWrapper(resolved)) return typeText(shape)
  const item = typeText(resolved.properties?.items?.items ?? {})
  return resolved.properties?.nextCursor === undefined ? `{ items: ${item}[] }` : `Page of ${item}`
}

const jsonOf = (content: Content | undefined): Shape | undefined =>
  Object.values(content?.content ?? {})[0]?.schema

const code = (text: string) => `\`${text.replaceAll("|", "\\|")}\``

const permissions: ReadonlyMap<string, string | undefined> = new Map(
  Object.values(Api.groups).flatMap((group) =>
    Object.values(group.endpoints).map((endpoint) => {
      const path = endpoint.path.replace(/:(\w+)/g, "{$1}")
      const action = Context.getOption(endpoint.annotations, RequiredPermission)
      return [
        `${endpoint.method} ${path}`,
        Option.getOrUndefined(Option.map(action, (name) => access[name]))
      ] as const
    })
  )
)

const requestCell = (operation: Operation): string => {
  const body = jsonOf(operation.requestBody)
  const query = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === "query")
    .map(({ name }) => name)
  if (body !== undefined) return code(fieldsText(resolve(body)))
  return query.length === 0 ? "" : `query ${code(query.join(", "))}`
}

const responseCell = (operation: Operation): string =>
  Object.entries(operation.responses)
    .filter(([status]) => status < "300")
    .map(([status, content]) => {
      const shape = jsonOf(content)
      return shape === undefined ? status : `${status} ${code(responseName(shape))}`
    })
    .join(", ")

/** Every endpoint: method and path, who may use it, what it takes, and what it answers. */
export const endpointTable = (): string =>
  [
    "| method and path | who | takes | answers | what |",
    "|---|---|---|---|---|",
    ...Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => {
        const name = `${method.toUpperCase()} ${path}`
        const keyed = operation.parameters?.some((parameter) => parameter.name === "idempotency-key")
        const cells = [
          `\`${name}\`${keyed ? " ¹" : ""}`,
          permissions.get(name) ?? "anyone",
          requestCell(operation),
          responseCell(operation),
          operation.summary
        ]
        return `| ${cells.join(" | ")} |`
      })
    )
  ].join("\n")

/** The fields of everything that an endpoint takes or answers, problems aside. */
export const shapeTable = (): string =>
  [
    "| name | fields |",
    "|---|---|",
    ...Object.entries(document.components.schemas)
      .filter(([name, shape]) => !/Problem(_\d+)?$/.test(name) && !isWrapper(shape))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, shape]) => `| \`${name}\` | ${code(typeText(shape))} |`)
  ].join("\n")
