import { layer } from "../../src/adapters/memory/index.ts"
import { obeysTheLaws } from "../support/contract.ts"

obeysTheLaws("memory", layer)
