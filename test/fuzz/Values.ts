import type { Dice } from "./Dice.ts"
import { hostileJson } from "./Hostile.ts"

/** As much of JSON Schema as the description of our API uses. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly pattern?: string
  readonly const?: unknown
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly oneOf?: ReadonlyArray<JsonSchema>
  readonly allOf?: ReadonlyArray<JsonSchema>
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly items?: JsonSchema
  readonly minimum?: number
  readonly maximum?: number
}

/** What is known of the shop: names that schemas do not tell, to values that fit them. */
export type Known = (name: string) => unknown

/** Values that a schema describes, as JSON texts; `spoil` puts something hostile somewhere into them. */
export const valuesOf = (dice: Dice, schemas: Readonly<Record<string, JsonSchema>>, known: Known) => {
  const resolve = (schema: JsonSchema): JsonSchema => {
    const of = schema.$ref === undefined ? schema : schemas[schema.$ref.split("/").at(-1) ?? ""]
    if (of === undefined) throw new Error(`Nothing is called ${schema.$ref}`)
    return of
  }

  const write = (schema: JsonSchema, name: string, spoil: number): string => {
    if (spoil > 0 && dice.once(spoil)) return dice.pick(hostileJson)
    const of = resolve(schema)
    const value = known(name)
    if (value !== undefined && of.properties === undefined && of.items === undefined)
      return JSON.stringify(value)
    if (of.const !== undefined) return JSON.stringify(of.const)
    if (of.enum !== undefined) return JSON.stringify(dice.pick(of.enum))
    const choices = of.anyOf ?? of.oneOf
    if (choices !== undefined) return write(dice.pick(choices), name, spoil)
    if (of.properties !== undefined) return writeObject(of.properties, of.required ?? [], spoil)
    if (of.items !== undefined) {
      const { items } = of
      return `[${Array.from({ length: 1 + dice.below(3) }, () => write(items, name, spoil)).join(",")}]`
    }
    switch (of.type) {
      case "integer":
      case "number": {
        const least = of.minimum ?? 0
        return String(dice.once(3) ? (of.maximum ?? least) : least + dice.below(5))
      }
      case "boolean":
        return String(dice.once(2))
      case "null":
        return "null"
      case "object":
        return `{"note":${JSON.stringify(`n${dice.below(100)}`)}}`
      default:
        return JSON.stringify(`text ${dice.below(1000)}`)
    }
  }

  const writeObject = (
    properties: Readonly<Record<string, JsonSchema>>,
    required: ReadonlyArray<string>,
    spoil: number
  ) => {
    const names = Object.keys(properties).filter((name) =>
      required.includes(name) ? spoil === 0 || !dice.once(spoil * 2) : dice.once(2)
    )
    const members = names.map((name) => [name, write(properties[name] ?? {}, name, spoil)] as const)
    const extra = spoil > 0 && dice.once(spoil) ? [["__proto__", '{"role":"admin"}'] as const] : []
    return `{${[...members, ...extra].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`
  }

  return write
}
