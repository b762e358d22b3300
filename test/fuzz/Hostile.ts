/** Values that have broken other servers, as JSON. */
const texts = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud800",
  "\u202e\u2066",
  "é".normalize("NFD"),
  "👩‍👩‍👧‍👦".repeat(50),
  "İıſK",
  "__proto__",
  "constructor",
  "toString",
  "' OR 1=1; DROP TABLE commerce.orders; --",
  "$1::uuid",
  "\\'; SELECT pg_sleep(10); --",
  "%00%ff",
  "../../../../etc/passwd",
  "<script>alert(1)</script>",
  "#{7*7}{{7*7}}",
  "null",
  "NaN",
  "-1",
  "1e309",
  "00000000-0000-0000-0000-000000000000",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
  "not-a-uuid",
  "2026-02-30T25:61:61Z",
  "-271821-04-20T00:00:00.000Z",
  "+275760-09-13T00:00:00.000Z",
  "infinity",
  "x".repeat(300),
  "y".repeat(20_000),
  "& | ! :* '",
  "\r\nSet-Cookie: a=b"
].map((text) => JSON.stringify(text))

const others = [
  "null",
  "true",
  "0",
  "-0",
  "-1",
  "1.5",
  "1e-7",
  "2147483648",
  "9007199254740992",
  "1000000000001",
  "1e308",
  "1e400",
  "-1e400",
  "123456789012345678901234567890",
  "[]",
  "{}",
  "[[]]",
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  `${"[".repeat(2000)}${"]".repeat(2000)}`,
  `${'{"a":'.repeat(1000)}1${"}".repeat(1000)}`
]

export const hostileJson: ReadonlyArray<string> = [...texts, ...others]

/** The same as they come in a URL. */
export const hostileInUrl: ReadonlyArray<string> = [
  ...texts.map((text) => {
    try {
      return encodeURIComponent(JSON.parse(text))
    } catch {
      return "%ED%A0%80"
    }
  }),
  "%",
  "%zz",
  "%ff%fe",
  "%C0%AF",
  "%2e%2e%2f",
  "a&a=b&a[]=c",
  ":@=+$,"
]

/** Bodies that are no JSON, or none that one may believe. */
export const hostileBodies: ReadonlyArray<Buffer> = [
  "",
  " ",
  "{",
  '{"a":}',
  "{'a':1}",
  "undefined",
  "\ufeff{}",
  '{"email":"a@b","email":"c@d"}',
  '"just text"',
  "[1,2,3]",
  "-",
  "{}{}",
  `{"a":"${"z".repeat(70_000)}"}`,
  "[".repeat(30_000)
]
  .map((text) => Buffer.from(text))
  .concat([
    Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
    Buffer.from([0x22, 0xc3, 0x28, 0x22]),
    Buffer.alloc(100)
  ])

const forged = Buffer.from('{"alg":"none"}').toString("base64url")

/** What stands where a token or another header should. */
export const hostileHeaders: ReadonlyArray<string> = [
  "Authorization: Bearer",
  "Authorization: Bearer a.b.c",
  `Authorization: Bearer ${forged}.${Buffer.from('{"sub":"admin","role":"admin"}').toString("base64url")}.`,
  `Authorization: Bearer ${"x".repeat(9000)}`,
  "Authorization: Basic YWRtaW46YWRtaW4=",
  "Authorization: Bearer é\u00ff",
  "Content-Type: text/plain",
  "Content-Type: application/json; charset=utf-16",
  "Content-Type: multipart/form-data; boundary=x",
  "Content-Type:",
  "Content-Encoding: gzip",
  "Expect: 100-continue",
  "Idempotency-Key:",
  `Idempotency-Key: ${"k".repeat(256)}`,
  "Idempotency-Key: with space",
  "Idempotency-Key: ' OR 1=1 --",
  "Idempotency-Key: one\r\nIdempotency-Key: two",
  "X-Request-Id: <script>",
  `X-Request-Id: ${"r".repeat(500)}`,
  "X-Forwarded-For: 1.2.3.4, not an address",
  "Accept: image/png",
  "Origin: https://evil.example",
  "Host: evil.example",
  "Transfer-Encoding: gzip",
  `X-Long: ${"h".repeat(17_000)}`,
  "Cookie: __proto__=1",
  "bad header without colon",
  "Range: bytes=0-1"
]
