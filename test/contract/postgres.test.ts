import { obeysTheLaws } from "../support/contract.ts"
import { freshStores } from "../support/postgres.ts"

obeysTheLaws("PostgreSQL", freshStores)
