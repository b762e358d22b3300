import cluster from "node:cluster"

/** The variable in which a primary numbers its workers. */
export const numberVariable = "EFFECT_COMMERCE_WORKER"

/** The number of this process among the workers of a primary, from 1 on. A worker that replaces another one has its number. */
export const workerNumber = cluster.isWorker ? Number(process.env[numberVariable]) : undefined
