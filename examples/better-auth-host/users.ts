import { betterAuth } from "better-auth"
import { memoryAdapter } from "better-auth/adapters/memory"
import { getMigrations } from "better-auth/db/migration"
import { admin } from "better-auth/plugins"
import pg from "pg"

/** The users of the host: in the database of the shop, or in memory. */
export const openUsers = async (databaseUrl: string | undefined) => {
  const pool = databaseUrl === undefined ? undefined : new pg.Pool({ connectionString: databaseUrl })
  const auth = betterAuth({
    baseURL: "http://localhost",
    secret: process.env.BETTER_AUTH_SECRET ?? "a secret of this example, and of nothing else",
    database: pool ?? memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    emailAndPassword: { enabled: true },
    plugins: [admin()]
  })
  if (pool !== undefined) await (await getMigrations(auth.options)).runMigrations()
  return { auth, close: async () => pool?.end() }
}

export type Auth = Awaited<ReturnType<typeof openUsers>>["auth"]
