import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { type Block, blocksOf } from "../docs/blocks.ts"
import { newDirectory } from "../support/lasting.ts"

const page = "docs/deployment.md"
const commands = blocksOf(page).filter(({ info, language }) => language === "sh" && info === "run")

const needed = ["nginx", "psql", "pg_createcluster", "openssl", "curl", "unshare", "runuser", "ip"]

/** Why nothing can be run here, if that is so. */
const obstacle = (): string | undefined => {
  if (process.getuid?.() !== 0) return "only root can make a machine of this one"
  const missing = needed.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0)
  if (missing.length > 0) return `not installed: ${missing.join(", ")}`
  const mounts = "mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w && mount -t overlay overlay"
  const overlay = `${mounts} -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc`
  const { status, stderr } = spawnSync("unshare", ["-m", "-n", "-p", "-f", "sh", "-c", overlay], {
    encoding: "utf8"
  })
  if (status !== 0) return stderr
  const readable = spawnSync("setpriv", [
    "--reuid",
    "65534",
    "--clear-groups",
    "test",
    "-r",
    "src/cli/main.ts"
  ])
  return readable.status === 0 ? undefined : "other users cannot read this directory"
}

const because = obstacle()
if (because !== undefined) console.log(`${page} is not run here: ${because}`)

/** What a customer does between the steps of the guide, in the shell of the guide. */
const customer = `
log_in() { # email password: prints the status
  curl -s -o /dev/null -w '%{http_code}\\n' https://shop.example/shop/auth/login -H 'Content-Type: application/json' \\
    -d '{"email": "'"$1"'", "password": "'"$2"'"}'
}
register() {
  curl -s -o /dev/null -w '%{http_code} %header{location}\\n' https://shop.example/shop/auth/register -H 'Content-Type: application/json' \\
    -d '{"email": "'"$1"'", "password": "battery staple"}'
}
told() { printf '\\ntold: %s\\n' "$*"; }
`

const afterBlock: ReadonlyArray<readonly [part: string, script: string]> = [
  [
    "curl -fsS https://shop.example",
    `told before $(register before@example.com | tr -d '\\r')
     told metrics $(curl -s http://127.0.0.1:9464/metrics | grep -c '^commerce_database_pool ') \\
       $(curl -s -o /dev/null -w '%{http_code}' https://shop.example/shop/metrics)`
  ],
  ["/etc/cron.daily/shop-backup", "told after $(register after@example.com | cut -d ' ' -f 1)"],
  [
    "effect-commerce restored",
    `curl -fsS --retry 60 --retry-delay 1 --retry-connrefused http://127.0.0.1:3000/shop/health/ready
     told logins $(log_in you@example.com 'correct horse') $(log_in before@example.com 'battery staple') \\
       $(log_in after@example.com 'battery staple')`
  ],
  [
    "chmod 444 secrets",
    `told files $(stat -c %a secrets secrets/* | tr '\\n' ' ')
     told url $(cut -c 1-16 secrets/database_url)`
  ]
]

const scriptOf = ({ code, line }: Block): string => {
  const after = afterBlock.find(([part]) => code.includes(part))?.[1] ?? ""
  return `echo "== ${page}:${line}"\n${code}\n${after}`
}

describe.skipIf(because !== undefined)("The guide to deployment", () => {
  test("leads from an empty machine to a shop behind TLS, and to the same shop from its backup", async () => {
    const directory = await newDirectory()
    const ending = `told users $(stat -c %a /etc/effect-commerce /etc/effect-commerce/jwt-secret | tr '\\n' ' ') \\
        $(ps -o user= -p "$(cat /run/effect-commerce.pid)")
      systemctl stop effect-commerce
      told lines $(grep -c '^{' /var/log/effect-commerce.log) $(grep -vc '^{' /var/log/effect-commerce.log)`
    const script = [
      "trap 'cat /var/log/effect-commerce.log >&2' ERR",
      readFileSync("test/deploy/machine/begin.sh", "utf8"),
      customer,
      ...commands.map(scriptOf),
      ending
    ].join("\n")
    const namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child"]
    const { status, stderr, stdout } = spawnSync(
      "unshare",
      [...namespaces, "bash", "--norc", "-eu", "-o", "pipefail", "-c", script],
      {
        encoding: "utf8",
        input: "correct horse\n",
        env: { PATH: process.env.PATH, WORK: directory, CHECKOUT: process.cwd(), NODE: process.execPath }
      }
    )
    expect(status, stdout.slice(-3000) + stderr.slice(-3000)).toBe(0)
    const told = Object.fromEntries(
      Array.from(stdout.matchAll(/^told: (\w+) (.*)$/gm), ([, name, facts]) => [name, facts?.trim()])
    )
    expect(told).toMatchObject({
      before: "201 /shop/auth/me",
      metrics: "1 404",
      after: "201",
      logins: "200 200 401",
      files: "700 444 444 444 444",
      url: "postgres://shop:",
      users: "700 600 shop"
    })
    expect(told.lines).toMatch(/^[1-9]\d* 0$/)
    expect(stdout).toContain("Created the admin you@example.com")
  })
})
