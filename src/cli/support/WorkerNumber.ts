import cluster from "node:cluster"

/** The variable in which a primary numbers its workers. */
export const numberVariable = "EFFECT_COMMERCE_WORKER"

const given = process.env[numberVariable]

/**
 * The number of this process among the workers of a primary, from 1 on. A worker that replaces another one has its number. A process that
 * another program has started by `cluster`, such as PM2, is no worker of ours.
 */
export const workerNumber = cluster.isWorker && given !== undefined ? Number(given) : undefined
