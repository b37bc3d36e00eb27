// The tables that Prisma Migrate makes for provider mysql. Its schema engine
// for MySQL is not on npm, so this renders them from Prisma's data model.
const types = {
  BigInt: 'BIGINT',
  Boolean: 'BOOLEAN',
  Bytes: 'LONGBLOB',
  DateTime: 'DATETIME(3)',
  Decimal: 'DECIMAL(65, 30)',
  Float: 'DOUBLE',
  Int: 'INTEGER',
  Json: 'JSON',
  String: 'VARCHAR(191)',
}
const indexKinds = {
  unique: ['UNIQUE INDEX', '_key'],
  normal: ['INDEX', '_idx'],
  fulltext: ['FULLTEXT INDEX', '_idx'],
}
const limit = 64

const id = name => `\`${name}\``
const literal = text => `'${String(text).replaceAll("'", "''")}'`
const list = items => `(${items.join(', ')})`
const tableOf = model => model.dbName ?? model.name
const columnOf = field => field.dbName ?? field.name
const fieldOf = (model, name) => model.fields.find(f => f.name === name)

function cut(text, bytes) {
  while (Buffer.byteLength(text) > bytes) text = text.slice(0, -1)
  return text
}

/** Prisma cuts the stem, so that stem and suffix fit into a name. */
const made = (parts, suffix) =>
  cut(parts.join('_'), limit - suffix.length) + suffix

const createTable = (name, columns, keys) =>
  `CREATE TABLE ${id(name)} (\n    ${columns.join(',\n    ')}`
  + `${keys.length ? `,\n\n    ${keys.join(',\n    ')}` : ''}\n`
  + ') DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n'

const action = name => name.replace(/(?<=[a-z])(?=[A-Z])/, ' ').toUpperCase()

const foreignKey = key =>
  `ALTER TABLE ${id(key.table)} ADD CONSTRAINT ${id(key.name)}`
  + ` FOREIGN KEY ${list(key.columns.map(id))}`
  + ` REFERENCES ${id(key.to)}${list(key.references.map(id))}`
  + ` ON DELETE ${action(key.onDelete)} ON UPDATE ${action(key.onUpdate)};\n`

export function mysqlDdl(doc, schema) {
  const { models, enums, indexes } = doc.datamodel
  const modelOf = name => models.find(m => m.name === name)
  const labelsOf = field => enums.find(e => e.name === field.type).values

  function typeOf(field) {
    if (field.kind === 'enum')
      return `ENUM${list(labelsOf(field).map(v => literal(columnOf(v))))}`
    if (field.kind === 'unsupported') return field.type
    if (!field.nativeType) return types[field.type]

    const [name, args] = field.nativeType
    if (field.type === 'Boolean' && name === 'TinyInt') return types.Boolean
    const unsigned = name.startsWith('Unsigned') ? ' UNSIGNED' : ''
    const base = name.replace(/^Unsigned/, '')
    return (base === 'Int' ? 'INTEGER' : base.toUpperCase())
      + (args.length ? list(args) : '') + unsigned
  }

  /** Of CURRENT_TIMESTAMP; Prisma has 3 where the column itself has 0. */
  function precisionOf({ nativeType }) {
    const [name, args] = nativeType ?? []
    return ['Time', 'DateTime', 'Timestamp'].includes(name) ? args[0] ?? 3 : 3
  }

  /** Defaults of Json and Bytes are Prisma's own business on MySQL. */
  function defaultOf(field) {
    const value = field.default
    if (value?.name === 'now')
      return `CURRENT_TIMESTAMP(${precisionOf(field)})`
    if (value?.name === 'dbgenerated') return value.args[0]
    if (value === undefined || value.name) return undefined
    if (['Json', 'Bytes'].includes(field.type)) return undefined
    if (field.kind === 'enum')
      return literal(columnOf(labelsOf(field).find(v => v.name === value)))
    return ['String', 'DateTime'].includes(field.type)
      ? literal(value) : String(value)
  }

  function columnDdl(field) {
    const value = defaultOf(field)
    return [
      id(columnOf(field)), typeOf(field),
      field.isRequired ? 'NOT NULL' : 'NULL',
      field.default?.name === 'autoincrement' && 'AUTO_INCREMENT',
      value && `DEFAULT ${value}`,
    ].filter(Boolean).join(' ')
  }

  function keyDdl(model, index) {
    const columns = index.fields.map(f => columnOf(fieldOf(model, f.name)))
    const parts = list(index.fields.map((f, n) => id(columns[n])
      + (f.length ? `(${f.length})` : '')
      + (f.sortOrder ? ` ${f.sortOrder.toUpperCase()}` : '')))

    if (index.type === 'id') return `PRIMARY KEY ${parts}`
    const [kind, suffix] = indexKinds[index.type]
    const name = index.dbName ?? made([tableOf(model), ...columns], suffix)
    return `${kind} ${id(name)}${parts}`
  }

  /** The one thing that the data model lacks: @relation(map: "..."). */
  function nameOfRelation(model, field) {
    const body = new RegExp(`^model\\s+${model.name}\\s*\\{([^]*?)^\\}`, 'm')
      .exec(schema)[1]
    const line = `^\\s*${field.name}\\s.*@relation\\(.*\\bmap:\\s*"([^"]*)"`
    return new RegExp(line, 'm').exec(body)?.[1]
  }

  const tables = models.map(model => {
    const own = indexes.filter(i => i.model === model.name)
    const keys = [...own.filter(i => i.type !== 'id'),
      ...own.filter(i => i.type === 'id')]
    return createTable(tableOf(model),
      model.fields.filter(f => f.kind !== 'object').map(columnDdl),
      keys.map(i => keyDdl(model, i)))
  })

  const relations = models.flatMap(model => model.fields
    .filter(f => f.relationFromFields?.length)
    .map(field => {
      const from = field.relationFromFields.map(name => fieldOf(model, name))
      const to = modelOf(field.type)
      const columns = from.map(columnOf)
      const isRequired = [field, ...from].some(f => f.isRequired)
      return foreignKey({
        table: tableOf(model),
        name: nameOfRelation(model, field)
          ?? made([tableOf(model), ...columns], '_fkey'),
        columns,
        to: tableOf(to),
        references: field.relationToFields.map(n => columnOf(fieldOf(to, n))),
        onDelete: field.relationOnDelete
          ?? (isRequired ? 'Restrict' : 'SetNull'),
        onUpdate: field.relationOnUpdate ?? 'Cascade',
      })
    }))

  // A relation of lists on both sides is a table that no model names.
  const ends = {}
  for (const model of models)
    for (const field of model.fields.filter(f => f.relationName)) {
      const name = [field.relationName, ...[model.name, field.type].sort()]
      ;(ends[name] ??= []).push(field)
    }
  const joins = Object.values(ends)
    .filter(sides => sides.every(f => f.isList))
    .map(sides => {
      const name = cut(`_${sides[0].relationName}`, limit)
      const to = sides.map(f => f.type).sort().map(modelOf)
      const keys = to.map(model => fieldOf(model, indexes.find(
        i => i.model === model.name && i.type === 'id').fields[0].name))
      const table = createTable(name,
        keys.map((f, n) => `${id('AB'[n])} ${typeOf(f)} NOT NULL`),
        [`UNIQUE INDEX ${id(made([name], '_AB_unique'))}(\`A\`, \`B\`)`,
          `INDEX ${id(made([name], '_B_index'))}(\`B\`)`])
      const foreignKeys = to.map((model, n) => foreignKey({
        table: name,
        name: made([name], `_${'AB'[n]}_fkey`),
        columns: ['AB'[n]],
        to: tableOf(model),
        references: [columnOf(keys[n])],
        onDelete: 'Cascade',
        onUpdate: 'Cascade',
      }))
      return { table, foreignKeys }
    })

  const isEnforced = !/^\s*relationMode\s*=\s*"prisma"/m.test(schema)
  return [
    ...tables,
    ...isEnforced ? relations : [],
    ...joins.map(join => join.table
      + (isEnforced ? join.foreignKeys.join('') : '')),
  ].join('\n')
}
