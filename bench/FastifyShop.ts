/**
 * What a team would write instead: Fastify 5 and `pg`, with JSON-schema validation and serialisation, tokens that are verified once, and the
 * same rows in the same tables. It ends with its standard input.
 */
import { randomUUID } from "node:crypto"
import Fastify, { type FastifyReply, type FastifyRequest } from "fastify"
import { jwtVerify } from "jose"
import pg from "pg"

const { DATABASE_URL, DATABASE_POOL, JWT_SECRET } = process.env
// As is usual: counts and amounts as numbers.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(DATABASE_POOL) })
const secret = new TextEncoder().encode(JWT_SECRET)

interface Account {
  readonly id: string
  readonly role: string
}

const verified = new Map<string, Account & { readonly expiresAt: number }>()

const accountOf = async (token: string): Promise<Account> => {
  const known = verified.get(token)
  if (known !== undefined && known.expiresAt > Date.now()) return known
  const { payload } = await jwtVerify(token, secret, {
    issuer: "effect-commerce",
    audience: "effect-commerce"
  })
  const account = {
    id: String(payload.sub),
    role: String(payload.role),
    expiresAt: Number(payload.exp) * 1000
  }
  if (verified.size >= 10_000) verified.clear()
  verified.set(token, account)
  return account
}

declare module "fastify" {
  interface FastifyRequest {
    account: Account
  }
}

const uuid = { type: "string", format: "uuid" }
const text = { type: "string" }
const optionalText = { type: ["string", "null"] }
const time = { type: "string", format: "date-time" }
const integer = { type: "integer" }
const object = (properties: Record<string, object>) => ({
  type: "object",
  properties,
  required: Object.keys(properties)
})
const money = object({ amount: integer, currency: text })
const product = object({
  id: text,
  categoryId: text,
  name: text,
  description: optionalText,
  sku: optionalText,
  price: money,
  stock: integer,
  active: { type: "boolean" },
  createdAt: time,
  updatedAt: time
})
const item = object({
  productId: text,
  name: text,
  sku: optionalText,
  unitPrice: money,
  quantity: integer,
  total: money
})
const order = object({
  id: text,
  customerId: text,
  status: text,
  items: { type: "array", items: item },
  total: money,
  metadata: { type: "object", additionalProperties: text },
  version: integer,
  createdAt: time,
  updatedAt: time
})
const payment = object({
  id: text,
  orderId: text,
  status: text,
  amount: money,
  paymentMethod: text,
  createdAt: time,
  orderStatus: text
})
const params = object({ id: uuid })

const productColumns =
  "id, category_id, name, description, sku, currency, price, stock, active, created_at, updated_at"

const toProduct = (row: pg.QueryResultRow) => ({
  id: row.id,
  categoryId: row.category_id,
  name: row.name,
  description: row.description,
  sku: row.sku,
  price: { amount: row.price, currency: row.currency },
  stock: row.stock,
  active: row.active,
  createdAt: row.created_at,
  updatedAt: row.updated_at
})

const toOrder = (row: pg.QueryResultRow, items: ReadonlyArray<pg.QueryResultRow>) => ({
  id: row.id,
  customerId: row.customer_id,
  status: row.status,
  items: items.map((line) => ({
    productId: line.product_id,
    name: line.name,
    sku: line.sku,
    unitPrice: { amount: line.unit_price, currency: row.currency },
    quantity: line.quantity,
    total: { amount: line.total, currency: row.currency }
  })),
  total: { amount: row.total, currency: row.currency },
  metadata: row.metadata,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at
})

/** A prepared statement of this name, as `pg` has them. */
const prepared =
  (name: string, sql: string) =>
  (values: ReadonlyArray<unknown>, on: pg.Pool | pg.PoolClient = pool) =>
    on.query({ name, text: sql, values: [...values] })

const statements = {
  me: prepared("me", "SELECT id, email, role, created_at FROM commerce.accounts WHERE id = $1"),
  product: prepared("product", `SELECT ${productColumns} FROM commerce.products WHERE id = $1`),
  products: prepared(
    "products",
    `SELECT ${productColumns} FROM commerce.products WHERE active ORDER BY id DESC LIMIT $1`
  ),
  order: prepared("order", "SELECT * FROM commerce.orders WHERE id = $1"),
  items: prepared("items", "SELECT * FROM commerce.order_items WHERE order_id = $1 ORDER BY position"),
  lockProducts: prepared(
    "lock products",
    "SELECT id, name, sku, price, currency, stock, active FROM commerce.products WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
  ),
  takeStock: prepared(
    "take stock",
    "UPDATE commerce.products p SET stock = p.stock - t.units FROM unnest($1::uuid[], $2::int8[]) AS t (id, units) WHERE p.id = t.id"
  ),
  insertOrder: prepared(
    "insert order",
    `INSERT INTO commerce.orders (id, customer_id, status, currency, total, metadata, version, created_at, updated_at)
     VALUES ($1, $2, 'CREATED', $3, $4, $5, 1, $6, $6) RETURNING *`
  ),
  insertItems: prepared(
    "insert items",
    `INSERT INTO commerce.order_items (order_id, position, product_id, name, sku, unit_price, quantity, total)
     SELECT $1::uuid, * FROM unnest($2::int2[], $3::uuid[], $4::text[], $5::text[], $6::int8[], $7::int8[], $8::int8[]) RETURNING *`
  ),
  insertEvent: prepared(
    "insert event",
    `INSERT INTO commerce.order_events (order_id, sequence, event, from_status, to_status, at, actor)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`
  ),
  lockOrder: prepared("lock order", "SELECT * FROM commerce.orders WHERE id = $1 FOR UPDATE"),
  insertPayment: prepared(
    "insert payment",
    `INSERT INTO commerce.payments (id, order_id, status, amount, currency, payment_method, actor, created_at, leased_until)
     VALUES ($1, $2, 'PENDING', $3, $4, $5, $6, $7, $7)`
  ),
  settlePayment: prepared(
    "settle payment",
    "UPDATE commerce.payments SET status = 'APPROVED', settled_at = $2, leased_until = NULL WHERE id = $1"
  ),
  moveOrder: prepared(
    "move order",
    "UPDATE commerce.orders SET status = $2, version = version + 1, updated_at = $3 WHERE id = $1 RETURNING *"
  )
}

class Refused extends Error {
  readonly statusCode: number
  constructor(statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}

const transaction = async <A>(work: (client: pg.PoolClient) => Promise<A>): Promise<A> => {
  const client = await pool.connect()
  try {
    await client.query("BEGIN")
    const result = await work(client)
    await client.query("COMMIT")
    return result
  } catch (error) {
    await client.query("ROLLBACK")
    throw error
  } finally {
    client.release()
  }
}

/** UUIDs of version 7 are what the tables are made for (RFC 9562, section 5.7). */
const uuidV7 = () => {
  const time = Date.now().toString(16).padStart(12, "0")
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

const shop = Fastify({ logger: false })

shop.decorateRequest("account")
const authenticate = async (request: FastifyRequest, reply: FastifyReply) => {
  try {
    request.account = await accountOf(request.headers.authorization?.slice("Bearer ".length) ?? "")
  } catch {
    return reply.code(401).send({ message: "Unauthenticated" })
  }
}

shop.get("/auth/me", {
  preValidation: authenticate,
  schema: { response: { 200: object({ id: text, email: text, role: text, createdAt: time }) } },
  handler: async ({ account }) => {
    const { rows } = await statements.me([account.id])
    if (rows.length === 0) throw new Refused(401, "Unauthenticated")
    return { ...rows[0], createdAt: rows[0].created_at }
  }
})

shop.get<{ Params: { id: string } }>("/products/:id", {
  schema: { params, response: { 200: product } },
  handler: async ({ params }) => {
    const { rows } = await statements.product([params.id])
    if (rows.length === 0) throw new Refused(404, "No such product")
    return toProduct(rows[0])
  }
})

shop.get<{ Querystring: { limit: number } }>("/products", {
  schema: {
    querystring: {
      type: "object",
      properties: { limit: { type: "integer", minimum: 1, maximum: 100, default: 20 } }
    },
    response: {
      200: object({ items: { type: "array", items: product }, nextCursor: optionalText })
    }
  },
  handler: async ({ query: { limit } }) => {
    const { rows } = await statements.products([limit + 1])
    const last = rows[limit - 1]
    return {
      items: rows.slice(0, limit).map(toProduct),
      nextCursor: rows.length > limit ? Buffer.from(JSON.stringify([last.id])).toString("base64url") : null
    }
  }
})

shop.get<{ Params: { id: string } }>("/orders/:id", {
  preValidation: authenticate,
  schema: { params, response: { 200: order } },
  handler: async ({ params, account }) => {
    const [{ rows }, items] = await Promise.all([
      statements.order([params.id]),
      statements.items([params.id])
    ])
    const [row] = rows
    if (row === undefined || (row.customer_id !== account.id && account.role !== "admin")) {
      throw new Refused(404, "No such order")
    }
    return toOrder(row, items.rows)
  }
})

interface OrderBody {
  readonly items: ReadonlyArray<{ readonly productId: string; readonly quantity: number }>
  readonly metadata?: Record<string, string>
}

shop.post<{ Body: OrderBody }>("/orders", {
  preValidation: authenticate,
  schema: {
    body: {
      type: "object",
      properties: {
        items: {
          type: "array",
          minItems: 1,
          maxItems: 100,
          items: {
            ...object({ productId: uuid, quantity: { type: "integer", minimum: 1, maximum: 1_000_000 } }),
            additionalProperties: false
          }
        },
        metadata: { type: "object", additionalProperties: text }
      },
      required: ["items"],
      additionalProperties: false
    },
    response: { 201: order }
  },
  handler: async ({ body, account }, reply) => {
    const id = uuidV7()
    const at = new Date()
    const placed = await transaction(async (client) => {
      const ids = body.items.map(({ productId }) => productId)
      const units = body.items.map(({ quantity }) => quantity)
      const { rows } = await statements.lockProducts([ids], client)
      const byId = new Map(rows.map((row) => [row.id, row]))
      const lines = body.items.map(({ productId, quantity }) => {
        const found = byId.get(productId)
        if (found === undefined || !found.active) throw new Refused(404, "No such product")
        if (found.stock < quantity) throw new Refused(409, "Insufficient stock")
        return { ...found, quantity, total: found.price * quantity }
      })
      const [{ currency }] = lines
      if (lines.some((line) => line.currency !== currency)) throw new Refused(409, "Mixed currencies")
      await statements.takeStock([ids, units], client)
      const total = lines.reduce((sum, line) => sum + line.total, 0)
      const inserted = await statements.insertOrder(
        [id, account.id, currency, total, body.metadata ?? {}, at],
        client
      )
      const items = await statements.insertItems(
        [
          id,
          lines.map((_, position) => position),
          ids,
          lines.map(({ name }) => name),
          lines.map(({ sku }) => sku),
          lines.map(({ price }) => price),
          units,
          lines.map(({ total }) => total)
        ],
        client
      )
      await statements.insertEvent([id, 1, "placed", null, "CREATED", at, account.id], client)
      return toOrder(inserted.rows[0], items.rows)
    })
    return reply.code(201).header("location", `/orders/${id}`).send(placed)
  }
})

/** Locks an order, changes its status, and writes the event. */
const advance = (id: string, to: string, event: string, from: string, actor: string) =>
  transaction(async (client) => {
    const { rows } = await statements.lockOrder([id], client)
    if (rows.length === 0) throw new Refused(404, "No such order")
    if (rows[0].status !== from) throw new Refused(409, "Illegal transition")
    const at = new Date()
    const moved = await statements.moveOrder([id, to, at], client)
    await statements.insertEvent([id, moved.rows[0].version, event, from, to, at, actor], client)
    return moved.rows[0]
  })

shop.post<{ Params: { id: string }; Body: { paymentMethod: string } }>("/orders/:id/payments", {
  preValidation: authenticate,
  schema: {
    params,
    body: { ...object({ paymentMethod: text }), additionalProperties: false },
    response: { 201: payment }
  },
  handler: async ({ params, body, account }, reply) => {
    const id = uuidV7()
    const at = new Date()
    // Two transactions with the charge between them, as in ours: a crash must not forget a charge.
    const charged = await transaction(async (client) => {
      const { rows } = await statements.lockOrder([params.id], client)
      const [row] = rows
      if (row === undefined || row.customer_id !== account.id) throw new Refused(404, "No such order")
      if (row.status !== "CREATED") throw new Refused(409, "Not payable")
      await statements.insertPayment(
        [id, params.id, row.total, row.currency, body.paymentMethod, account.id, at],
        client
      )
      return row
    })
    await transaction(async (client) => {
      await statements.lockOrder([params.id], client)
      await statements.settlePayment([id, new Date()], client)
      const moved = await statements.moveOrder([params.id, "PAID", new Date()], client)
      await statements.insertEvent(
        [params.id, moved.rows[0].version, "paid", "CREATED", "PAID", new Date(), account.id],
        client
      )
    })
    return reply.code(201).send({
      id,
      orderId: params.id,
      status: "APPROVED",
      amount: { amount: charged.total, currency: charged.currency },
      paymentMethod: body.paymentMethod,
      createdAt: at,
      orderStatus: "PAID"
    })
  }
})

shop.patch<{ Params: { id: string }; Body: { status: "SHIPPED" | "COMPLETED" } }>("/orders/:id", {
  preValidation: authenticate,
  schema: {
    params,
    body: {
      ...object({ status: { type: "string", enum: ["SHIPPED", "COMPLETED"] } }),
      additionalProperties: false
    },
    response: { 200: order }
  },
  handler: async ({ params, body: { status }, account }) => {
    if (account.role !== "admin") throw new Refused(403, "Forbidden")
    const [event, from] =
      status === "SHIPPED" ? (["shipped", "PAID"] as const) : (["completed", "SHIPPED"] as const)
    const row = await advance(params.id, status, event, from, account.id)
    const { rows } = await statements.items([params.id])
    return toOrder(row, rows)
  }
})

process.stdin.resume().once("end", () => process.exit())
console.log(await shop.listen({ host: "127.0.0.1", port: 0 }))
