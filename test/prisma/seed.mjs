// node seed.mjs SCHEMA MYSQL_URL
// Fills the tables of the sample schema through Prisma Client: the same rows
// every time, a few hundred of each model, with the extremes of every type.
import { client, readSchema } from './prisma.mjs'

let state = 20250815

/** A number below n; the sequence is always the same. */
const rnd = n => {
  state = state + 0x6d2b79f5 | 0
  const t = Math.imul(state ^ state >>> 15, 1 | state)
  return ((t + Math.imul(t ^ t >>> 7, 61 | t) ^ t) >>> 8) % n
}
const pick = (...xs) => xs[rnd(xs.length)]
const maybe = (x, odds = 4) => rnd(odds) ? x : null
const hex = n => Array.from({ length: n }, () => rnd(16).toString(16)).join('')
const uuid = () => [8, 4, 4, 4, 12].map(hex).join('-')
const bytes = n => Uint8Array.from({ length: n }, () => rnd(256))
const at = (ms = rnd(1000)) => new Date(Date.UTC(
  2023 + rnd(3), rnd(12), 1 + rnd(28), rnd(24), rnd(60), rnd(60), ms))
const day = () => new Date(Date.UTC(1930 + rnd(90), rnd(12), 1 + rnd(28)))
const range = (n, f) => Array.from({ length: n }, (_, i) => f(i))
const words = ['Ziel', 'Übung', 'naïve', 'Straße', '日本語', 'Ελλάδα', 'עברית',
  'growth', "O'Brien", 'back\\slash', '100%', 'under_score',
  '🚀', '👩‍👩‍👧', 'é', 'é', 'İstanbul', 'tab\there', 'new\nline', '"quoted"', '$1',
  'null', 'NULL', '<b>', '\u200bzero']
const text = n => range(1 + rnd(n), () => pick(...words)).join(' ')
const json = () => pick(
  { a: 1, b: [true, null, 'x'], 'ключ': { deep: { er: 1.5 } } }, [], {},
  [1, '2', 3.25, { z: 'ä' }], 'string', 0, false,
  { big: 12345678901234, small: 1e-7, neg: -0.5, text: 'a"b\\c\n🚀',
    list: [[1], [2, [3]]] },
  { order: 1, b: 2, a: 3, aa: 4 })

const users = range(300, i => ({
  id: `c${String(i).padStart(4, '0')}${hex(20)}`, name: maybe(text(3)),
  email: `user${i}@${pick('example.com', 'exämple.ch', 'EXAMPLE.org')}`,
  emailVerified: maybe(at()),
  image: maybe(`https://cdn.example/${hex(12)}.png?q=${text(2)}`),
  passwordHash: maybe(`$2b$12$${hex(53)}`),
  role: pick('USER', 'COACH', 'ADMIN', 'SUPER_USER'),
  previousRole: maybe(pick('USER', 'COACH', 'ADMIN', 'SUPER_USER'), 2),
  isActive: !!rnd(3), isBeta: !rnd(3), locale: pick('de-CH', 'fr-CH', 'en'),
  loginCount: pick(0, 1, 2147483647, rnd(1e6)),
  birthYear: maybe(pick(1901, 2155, 1980 + rnd(30))),
  birthDate: maybe(pick(new Date('1000-01-01'), new Date('9999-12-31'), day())),
  wakeUpAt: maybe(new Date(Date.UTC(1970, 0, 1, rnd(24), rnd(60), rnd(60)))),
  avatar: maybe(pick(new Uint8Array(0), Uint8Array.of(0), bytes(1 + rnd(300)))),
  preferences: json(),
  createdAt: at(), updatedAt: at(), deletedAt: maybe(at(0), 2), mentorId: null,
}))
const someone = () => pick(...users).id
const accounts = range(300, i => ({
  id: `acc${i}`, userId: someone(), type: pick('oauth', 'oidc'),
  provider: pick('google', 'github', 'apple'), providerAccountId: String(i),
  refresh_token: maybe(hex(500)), access_token: maybe(hex(1000)),
  expires_at: maybe(pick(-2147483648, 2147483647, 1700000000 + rnd(1e6))),
  token_type: maybe('bearer'), scope: maybe('openid email'),
  id_token: maybe(hex(2000)), session_state: maybe(hex(16)),
}))
const sessions = range(300, i => ({
  id: `s${i}`, sessionToken: hex(40) + i, userId: someone(), expires: at(),
}))
const tokens = range(200, i => ({
  identifier: `user${10 + i % 50}@example.com`, token: hex(32) + i,
  expires: at(),
}))
const assessments = range(200, i => ({
  id: i + 1, uuid: uuid(), title: text(6).slice(0, 100),
  description: maybe(text(60)), intro: maybe(text(4)), body: maybe(text(400)),
  version: pick(-32768, 32767, 1 + rnd(9)), difficulty: pick(-128, 127, rnd(6)),
  weight: pick(0, 255), points: pick(0, 65535),
  views: pick(-8388608, 8388607, rnd(1000)), reach: pick(0, 16777215),
  passScore: pick('0', '999.99', '-999.99', '66.67'),
  price: pick('0.00', '99999999.99', '-0.01', `${rnd(1000)}.${10 + rnd(90)}`),
  exact: maybe(pick('0.000000000000000000000000000001',
    '12345678901234567890123456789012345.123456789012345678901234567891',
    '-1.5', '10')),
  ratio: pick(0.1, -1e308, 1e-300, 1 / 3, 0),
  ratio32: maybe(pick(0.5, -2, 1024.25, 16777216)), published: !!rnd(2),
  flags: maybe(bytes(1)), onlyBit: maybe(!!rnd(2)), settings: json(),
  authorId: maybe(someone()), publishedAt: maybe(at(0)), createdAt: at(),
  updatedAt: at(),
}))
const questions = assessments.flatMap(({ id }) => range(1 + rnd(4), position => ({
  assessmentId: id, position,
  type: pick('SINGLE_CHOICE', 'MULTI_CHOICE', 'SCALE', 'FREE_TEXT'),
  prompt: text(20),
  options: json(), required: !!rnd(2),
}))).map((q, i) => ({ id: i + 1, ...q }))
const answers = range(600, i => ({
  id: i === 599 ? 9223372036854775000n : BigInt(i + 1),
  questionId: 1 + i % questions.length,
  userId: users[(i * 7 + (i / questions.length | 0)) % 300].id,
  value: maybe(text(30)), score: maybe(pick('0.000', '999.999', '-0.001')),
  confidence: maybe(rnd(1e9) / 1e9), raw: maybe(bytes(rnd(64))),
  durationMs: maybe(pick(0n, 9223372036854775807n, BigInt(rnd(1e9)))),
  digest: maybe(bytes(16)), answeredAt: at(),
}))
const plans = range(250, () => ({
  id: uuid(), title: text(5), status: pick('DRAFT', 'ACTIVE', 'PAUSED', 'DONE'),
  lastState: maybe(pick('DRAFT', 'DONE'), 2), ownerId: someone(),
  coachId: maybe(someone(), 2),
  budget: maybe(pick('0', '99999999.9999', '-1.2345')), startsOn: maybe(day()),
  createdAt: at(), updatedAt: at(),
}))
const planItems = plans.flatMap(p => range(rnd(4), position => ({
  planId: p.id, position, title: text(4), done: !!rnd(2), dueAt: maybe(at()),
  notes: pick('', text(8)), meta: json(),
})))
const planSteps = planItems.slice(0, 300).map((p, i) => ({
  id: i + 1, planId: p.planId, position: p.position, text: text(6),
}))
const conversations = range(150, () => ({
  id: uuid(), userId: someone(), title: maybe(text(5)),
  model: pick('gpt-4o', 'claude'), params: json(), createdAt: at(),
}))
const messages = conversations.flatMap(c => range(1 + rnd(5), () => ({
  conversationId: c.id, role: pick('system', 'user', 'assistant', 'tool'),
  content: pick('', text(200)), tokens: maybe(rnd(5000)),
  costUsd: maybe(`0.00${rnd(9999999)}`), toolCalls: json(), createdAt: at(),
}))).map((m, i) => ({ id: BigInt(i + 1), ...m }))
const subscriptions = users.slice(0, 200).map((u, i) => ({
  id: uuid(), userId: u.id, tier: pick('FREE', 'PRO', 'ENTERPRISE'),
  stripeCustomerId: maybe(`cus_${i}`), currentPeriodEnd: maybe(at()),
  seats: 1 + rnd(9), startedAt: at(),
}))
const auditLogs = range(400, i => ({
  id: BigInt(i + 1), actorId: maybe(someone()),
  action: pick('create', 'update', 'delete'), entity: pick('User', 'Plan'),
  entityId: hex(8),
  before: json(), after: json(), ip: maybe(bytes(pick(4, 16))), at: at(),
}))
const tags = range(60, i => ({
  id: i + 1, slug: `tag-${i}`, label: text(2), color: `#${hex(6)}`,
}))
const teams = range(20, i => ({ id: i + 1, name: text(3) }))
const members = teams.flatMap(t => range(10, i => ({
  teamId: t.id, userId: users[t.id * 13 % 250 + i].id,
  role: pick('USER', 'COACH'), joinedAt: at(),
})))
const long = 'aVeryLongModelNameThatIsUsedToOverflowTheIdentifierLimitOfPg'
const longRows = range(200, i => ({
  anotherVeryLongColumnNameToBeIndexed: text(4),
  uniqueLongColumnNameForTruncation: i - 100,
  big: pick(-9223372036854775808n, 9007199254740993n, 0n),
  dec: pick('1.5', '-0.000000000000000000000000000001'), flt: pick(0.001, -1 / 3),
  yes: !!rnd(2), raw: maybe(bytes(3)), tinyText: text(2),
}))

const [path, url] = process.argv.slice(2)
const db = await client(readSchema(path), url)
const tables = {
  user: users, account: accounts, session: sessions, verificationToken: tokens,
  assessment: assessments, question: questions, answer: answers, plan: plans,
  planItem: planItems, planStep: planSteps, aiConversation: conversations,
  aiMessage: messages, subscription: subscriptions, auditLog: auditLogs,
  tag: tags, team: teams, teamMember: members, [long]: longRows,
}
for (const [model, data] of Object.entries(tables))
  for (let i = 0; i < data.length; i += 100)
    await db[model].createMany({ data: data.slice(i, i + 100) })

// What refers to rows of its own table, and the tables that no model names.
// An update would also set updatedAt.
for (const [i, user] of users.entries())
  if (i && rnd(2))
    await db.user.update({
      where: { id: user.id },
      data: { mentorId: users[rnd(i)].id, updatedAt: user.updatedAt },
    })
for (const { id } of tags) {
  const connect = (n, f) => ({ connect: range(n, i => ({ id: f(i) })) })
  await db.tag.update({
    where: { id },
    data: {
      users: connect(8, i => users[(id * 5 + i) % 300].id),
      assessments: connect(6, i => 1 + (id * 3 + i) % 200),
    },
  })
}
for (const { id, updatedAt } of assessments.slice(0, 150)) {
  const connect = range(2, i => ({ id: 1 + (id * 7 + i) % 200 }))
  await db.assessment.update({
    where: { id }, data: { relatedTo: { connect }, updatedAt },
  })
}

const counts = Object.values(tables).map(rows => rows.length)
console.log(`${counts.reduce((a, b) => a + b)} rows of ${counts.length} models`)
await db.$disconnect()
