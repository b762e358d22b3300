/** The settings as tables, and as the docstrings of the interfaces that hosts see; both come from `src/settings`. */
import { hostAuthSettings, hostPaymentsSettings, hostSettings } from "../src/promise/Settings.ts"
import { authSettings } from "../src/settings/AuthSettings.ts"
import { databaseSettings } from "../src/settings/DatabaseSettings.ts"
import { environment } from "../src/settings/Environment.ts"
import { httpSettings } from "../src/settings/HttpSettings.ts"
import { maintenanceSettings } from "../src/settings/MaintenanceSettings.ts"
import { paymentsSettings } from "../src/settings/PaymentsSettings.ts"
import type { AnySetting, SettingGroup } from "../src/settings/Setting.ts"
import { shopServersSettings } from "../src/settings/ShopServers.ts"

const shown = (value: unknown, quote: "" | '"'): string => {
  if (Array.isArray(value) && value.length === 0) return "none"
  return `\`${typeof value === "string" ? `${quote}${value}${quote}` : String(value)}\``
}

/** The default in words. Code writes text in quotes, the environment does not. */
const defaultOf = (setting: AnySetting, quote: "" | '"'): string | undefined =>
  setting.fallback ?? (setting.default === undefined ? undefined : shown(setting.default, quote))

const cell = (text: string) => text.replaceAll("|", "\\|")

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>) =>
  [head, ...rows]
    .map((row) => `| ${row.map(cell).join(" | ")} |`)
    .toSpliced(1, 0, `${"|---".repeat(head.length)}|`)
    .join("\n")

/** All environment variables. */
export const variableTable = (): string =>
  table(
    ["variable", "values", "default", "meaning"],
    Object.values<SettingGroup>(environment).flatMap((group) =>
      Object.values(group).flatMap((setting) =>
        setting.variable === undefined
          ? []
          : [
              [
                `\`${setting.variable}\`${setting.isSecret ? `, or \`${setting.variable}_FILE\`` : ""}`,
                setting.value.expected,
                defaultOf(setting, "") ?? "",
                setting.description
              ]
            ]
      )
    )
  )

const hostGroups: Readonly<Record<string, SettingGroup>> = {
  "database.": { ...databaseSettings, ...shopServersSettings },
  "auth.": hostAuthSettings,
  "http.": httpSettings,
  "payments.": hostPaymentsSettings,
  "maintenance.": maintenanceSettings,
  "": hostSettings
}

/** All settings of `createCommerce`. */
export const settingTable = (): string =>
  table(
    ["setting", "default", "meaning"],
    Object.entries(hostGroups).flatMap(([prefix, group]) =>
      Object.entries(group).map(([name, setting]) => [
        `\`${prefix}${name}\``,
        defaultOf(setting, '"') ?? "",
        setting.description
      ])
    )
  )

/** The interfaces that hosts see, by file, each with the settings that its fields are. */
export const interfaces: Readonly<Record<string, Readonly<Record<string, SettingGroup>>>> = {
  "src/settings/AuthSettings.ts": { AuthSettings: authSettings },
  "src/settings/DatabaseSettings.ts": {
    ServerDatabaseSettings: databaseSettings,
    EmbeddedDatabaseSettings: databaseSettings,
    MemoryDatabaseSettings: databaseSettings
  },
  "src/settings/ShopServers.ts": { ShopServersSettings: shopServersSettings },
  "src/settings/HttpSettings.ts": { HttpSettings: httpSettings },
  "src/settings/MaintenanceSettings.ts": { MaintenanceSettings: maintenanceSettings },
  "src/settings/PaymentsSettings.ts": { PaymentsSettings: paymentsSettings },
  "src/promise/Settings.ts": {
    HostAuthSettings: hostAuthSettings,
    HostPaymentsSettings: hostPaymentsSettings,
    CommerceSettings: hostSettings
  }
}

const lineWidth = 110

/** Lines of at most this many characters, broken at spaces. */
const wrap = (text: string, width: number): ReadonlyArray<string> =>
  text.match(new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)`, "g")) ?? []

const docstring = (setting: AnySetting): string => {
  const fallback = defaultOf(setting, '"')
  const text =
    fallback === undefined ? setting.description : `${setting.description} Defaults to ${fallback}.`
  const line = `  /** ${text} */`
  if (line.length <= lineWidth) return `${line}\n`
  return ["  /**", ...wrap(text, lineWidth - 5).map((part) => `   * ${part}`), "   */", ""].join("\n")
}

const field = /(?:^ {2}\/\*\*(?:(?!\*\/).)*\*\/\n)?^ {2}readonly (\w+)\??:/gms

/** The source of a file, with the docstrings of its settings up to date. */
export const withDocstrings = (file: string, source: string): string =>
  Object.entries(interfaces[file] ?? {}).reduce(
    (text, [name, group]) =>
      text.replace(new RegExp(`^export interface ${name} .*?^}`, "ms"), (declaration) =>
        declaration.replace(field, (declared, key: string) => {
          const setting = group[key]
          const undocumented = declared.slice(declared.lastIndexOf("  readonly"))
          return setting === undefined ? declared : `${docstring(setting)}${undocumented}`
        })
      ),
    source
  )
