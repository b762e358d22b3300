import pg from "pg"

/**
 * A pool that is told of lost connections, as every host must be. Also of those that it is ending: its `end` does not wait until they
 * are closed, and a database that is dropped then ends them first.
 */
export const poolOf = (config: pg.PoolConfig): pg.Pool =>
  new pg.Pool(config).on("error", () => {}).on("connect", (client) => void client.on("error", () => {}))
