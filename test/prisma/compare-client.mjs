// node compare-client.mjs MYSQL_SCHEMA MYSQL_URL PG_SCHEMA PG_URL [MODEL...]
// Asks both databases the same queries through Prisma Client, on all models or
// those named, and compares the answers. Prints what differs and, in the last
// line, "N passed, M failed". Exit 1: some failed.
import { isDeepStrictEqual, inspect } from 'node:util'
import { client, dmmf, readSchema } from './prisma.mjs'

const [myPath, myUrl, pgPath, pgUrl, ...wanted] = process.argv.slice(2)
const { models } = dmmf(readSchema(myPath)).datamodel
const my = await client(readSchema(myPath), myUrl)
const pg = await client(readSchema(pgPath), pgUrl)

const modelOf = name => models.find(m => m.name === name)
const keyOf = m => m.primaryKey?.fields ?? m.uniqueIndexes[0]?.fields
  ?? [m.fields.find(f => f.isId || f.isUnique).name]
const byKey = m => keyOf(m).map(name => ({ [name]: 'asc' }))
const all = names => Object.fromEntries(names.map(name => [name, true]))
const isAmong = (...types) => field => types.includes(field.type)

/**
 * Is a text equal only to itself under utf8mb4_unicode_ci too? MariaDB, but
 * not PostgreSQL, ignores case, accents and blanks at the end.
 */
const isPlain = s => /^[a-z0-9@._:-]+$/.test(s) && s !== 'null'

/** The argument of findUnique for a row. */
function uniqueOf(m, row) {
  const key = keyOf(m)
  if (key.length === 1) return { [key[0]]: row[key[0]] }
  const { name } = m.primaryKey ?? m.uniqueIndexes[0]
  return {
    [name ?? key.join('_')]: Object.fromEntries(key.map(k => [k, row[k]])),
  }
}

function* queries(m, rows) {
  const scalars = m.fields.filter(f => f.kind !== 'object')
  const many = extra => ['findMany', { orderBy: byKey(m), ...extra }]

  yield many()
  yield ['count', {}]
  yield ['count', { select: { _all: true, ...all(scalars.map(f => f.name)) } }]
  yield many({ skip: 3, take: 7 })
  yield many({ take: -5 })
  yield many({ select: all(scalars.slice(0, 2).map(f => f.name)) })
  for (const f of m.fields.filter(f => f.kind === 'object'))
    yield* relationQueries(m, f, many)
  yield* aggregates(scalars)
  for (const f of scalars.filter(f => !isAmong('Json', 'Bytes')(f)))
    yield* fieldQueries(f, rows, many)
  for (const f of scalars.filter(isAmong('Bytes'))) {
    const value = rows.map(r => r[f.name]).find(v => v?.length)
    // A BIT(n) is compared as a number there, and as bytes here.
    if (value && f.nativeType?.[0] !== 'Bit')
      yield many({ where: { [f.name]: value } })
  }
  for (const row of rows.slice(0, 3))
    yield ['findUnique', { where: uniqueOf(m, row) }]
  if (rows.length > 20)
    yield many({ cursor: uniqueOf(m, rows[10]), skip: 1, take: 5 })
}

function* relationQueries(m, f, many) {
  const { name } = f
  const some = f.isList ? { orderBy: byKey(modelOf(f.type)), take: 4 } : true

  yield many({ take: 60, include: { [name]: some } })
  if (f.isList) {
    for (const quantifier of ['some', 'none', 'every'])
      yield many({ where: { [name]: { [quantifier]: {} } } })
    yield many({ take: 40, include: { _count: { select: { [name]: true } } } })
    const orderBy = [{ [name]: { _count: 'desc' } }, ...byKey(m)]
    yield ['findMany', { orderBy, take: 20 }]
  } else if (!f.isRequired) {
    yield many({ where: { [name]: { isNot: null } }, take: 20 })
  }
}

function* aggregates(scalars) {
  const names = fields => all(fields.map(f => f.name))
  const numbers = scalars.filter(isAmong('Int', 'BigInt', 'Float', 'Decimal'))
  const exact = scalars.filter(f => isAmong('Int', 'Decimal')(f) && !f.isId)

  if (numbers.length)
    yield ['aggregate',
      { _count: true, _min: names(numbers), _max: names(numbers) }]
  if (exact.length) yield ['aggregate', { _sum: names(exact) }]
}

function* fieldQueries(f, rows, many) {
  const { name } = f
  const values = [...new Set(rows.map(r => r[name]).filter(
    v => v !== null && (f.type !== 'String' || isPlain(v))))]

  if (!f.isRequired) {
    yield many({ where: { [name]: null } })
    yield many({ where: { NOT: { [name]: null } } })
  }
  for (const value of values.slice(0, 3)) {
    yield many({ where: { [name]: value } })
    yield many({ where: { [name]: { not: value } }, take: 10 })
  }
  if (values.length && f.type !== 'Boolean')
    yield many({ where: { [name]: { in: values.slice(0, 5) } } })
  if (values.length && isAmong('Int', 'BigInt', 'Decimal', 'DateTime')(f))
    for (const operator of ['lt', 'lte', 'gt', 'gte'])
      yield many({ where: { [name]: { [operator]: values[0] } } })
  if (f.kind === 'enum' || f.type === 'Boolean')
    yield ['groupBy', {
      by: [name], _count: true, orderBy: { [name]: 'asc' },
      where: f.isRequired ? {} : { NOT: { [name]: null } },
    }]
}

/** Prints a query and the first row, and in it the fields, that differ. */
function tell(m, action, args, theirs, ours) {
  const show = (v, length) =>
    inspect(v, { depth: 5, breakLength: Infinity }).slice(0, length)
  const rows = v => Array.isArray(v) ? `${v.length} rows` : typeof v
  let [a, b] = [theirs, ours]

  if (Array.isArray(a) && Array.isArray(b)) {
    const at = a.findIndex((row, n) => !isDeepStrictEqual(row, b[n]))
    if (at >= 0) [a, b] = [a[at], b[at]]
  }
  if (a && b && typeof a === 'object' && typeof b === 'object') {
    const names = Object.keys({ ...a, ...b })
      .filter(name => !isDeepStrictEqual(a[name], b[name]))
    const part = row => Object.fromEntries(names.map(k => [k, row[k]]))
    if (names.length) [a, b] = [part(a), part(b)]
  }
  console.log(`${m.name}.${action}(${show(args, 160)}):`
    + ` ${rows(theirs)}, ${rows(ours)}`)
  console.log(`  mysql      ${show(a, 300)}\n  postgresql ${show(b, 300)}`)
}

const isError = answer => String(answer).startsWith('ERROR')
let passed = 0
let failed = 0
for (const m of models) {
  if (wanted.length && !wanted.includes(m.name)) continue
  const name = m.name[0].toLowerCase() + m.name.slice(1)
  const rows = await my[name].findMany({ orderBy: byKey(m) })
  for (const [action, args] of queries(m, rows)) {
    const answer = db => db[name][action](args).catch(
      e => `ERROR ${e.code ?? ''} ${e.message.split('\n').at(-1)}`)
    const [a, b] = await Promise.all([answer(my), answer(pg)])
    if (isDeepStrictEqual(a, b) && !isError(a)) passed++
    else {
      failed++
      tell(m, action, args, a, b)
    }
  }
}
console.log(`${passed} passed, ${failed} failed`)
await Promise.all([my.$disconnect(), pg.$disconnect()])
process.exit(failed ? 1 : 0)
