// The real Prisma from npm packages alone: its schema language, its schema
// engine and its client, all of them WebAssembly. Nothing is generated.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { webcrypto } from 'node:crypto'
import psl from '@prisma/prisma-schema-wasm'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum }
  from '@prisma/driver-adapter-utils'
import { getInternalDMMF } from '@prisma/get-dmmf'
import { buildAndSerializeParamGraph } from '@prisma/param-graph-builder'
import { getPrismaClient } from '@prisma/client/runtime/client'
import { parse } from 'pg-connection-string'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'

// Node 18 has it, but not as a global.
globalThis.crypto ??= webcrypto

const require = createRequire(import.meta.url)
const { version } = require('@prisma/client/package.json')
const fileName = 'schema.prisma'
const files = content => [{ path: fileName, content }]
const noFilters = { externalTables: [], externalEnums: [] }

/** The text of a schema; that of a folder is all of its .prisma files. */
export function readSchema(path) {
  if (!statSync(path).isDirectory()) return readFileSync(path, 'utf8')
  return readdirSync(path).filter(name => name.endsWith('.prisma')).sort()
    .map(name => readFileSync(join(path, name), 'utf8')).join('\n')
}

export const providerOf = schema =>
  /^\s*provider\s*=\s*"(mysql|postgresql)"/m.exec(schema)[1]

/** Throws Prisma's own diagnostics when the schema is invalid. */
export function validate(schema) {
  try {
    psl.validate(JSON.stringify({
      prismaSchema: [[fileName, schema]], noColor: true,
    }))
  } catch (error) {
    throw new Error(JSON.parse(error.message).message)
  }
}

/** Without a file: URI Prisma would return the text as it is. */
export const format = schema => JSON.parse(psl.format(
  JSON.stringify([[fileName, schema]]),
  JSON.stringify({
    textDocument: { uri: `file:///${fileName}` },
    options: { tabSize: 2, insertSpaces: true },
  })))[0][1]

/** Prisma's data model of a schema; the public getDMMF leaves inputs out. */
export function dmmf(schema) {
  validate(schema)
  return getInternalDMMF({ datamodel: schema })
}

/** The adapter, repaired for the schema engine. */
class EnginePg extends PrismaPg {
  async connect() {
    return repaired(await super.connect())
  }

  /**
   * The inherited one, given a connection string, connects to the main
   * database, and drops the shadow while it is still connected to it.
   */
  async connectToShadowDb() {
    const main = await this.connect()
    const database = `prisma_shadow_${crypto.randomUUID()}`
    await main.executeScript(`CREATE DATABASE "${database}"`)
    const shadow = await new EnginePg({ ...this.config, database }).connect()
    const { dispose } = shadow
    shadow.dispose = async () => {
      await dispose.call(shadow)
      await main.executeScript(`DROP DATABASE "${database}"`)
      await main.dispose()
    }
    return shadow
  }
}

const charOid = 18
const textOid = 25

/**
 * The adapter does not know the type "char" of the catalogs, which the engine
 * wants as Character, and splits a script at every semicolon.
 */
function repaired(adapter) {
  const charColumns = new WeakMap()
  const pool = adapter.underlyingDriver()
  const { query } = pool
  const { queryRaw } = adapter
  pool.query = async (...args) => {
    const result = await query.apply(pool, args)
    const chars = result.fields?.filter(f => f.dataTypeID === charOid) ?? []
    for (const field of chars) field.dataTypeID = textOid
    if (chars.length) charColumns.set(result.rows, chars.map(f => f.name))
    return result
  }
  adapter.queryRaw = async sql => {
    const result = await queryRaw.call(adapter, sql)
    for (const name of charColumns.get(result.rows) ?? []) {
      const at = result.columnNames.indexOf(name)
      result.columnTypes[at] = ColumnTypeEnum.Character
    }
    return result
  }
  adapter.executeScript = async script => { await query.call(pool, script) }
  return adapter
}

const schemaOf = url =>
  ({ schema: new URL(url).searchParams.get('schema') ?? undefined })

let panic
let isLoaded = false

/** The package's own entry imports .wasm as a module, which Node cannot. */
async function loadEngine() {
  if (isLoaded) return
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: m => { panic = m } }
  const bytes = readFileSync(require.resolve('@prisma/schema-engine-wasm')
    .replace(/engine\.js$/, 'engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes,
    { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  isLoaded = true
}

/** The schema engine on a live PostgreSQL; npm has none for MySQL. */
export async function schemaEngine(schema, url) {
  await loadEngine()
  const adapter = bindMigrationAwareSqlAdapterFactory(
    new EnginePg(parse(url), schemaOf(url)))

  /** Names the error of the driver or the panic behind what is thrown. */
  const call = async f => {
    try { return await f() } catch (error) {
      if (panic) throw new Error(panic)
      const id = /External error id#(\d+)/.exec(error.message)?.[1]
      throw id ? adapter.errorRegistry.consumeError(Number(id)).error : error
    }
  }
  const instance = await call(() => engine.SchemaEngine.new(
    { datamodels: [[fileName, schema]] }, () => {}, adapter))
  const diff = (from, to) => call(() => instance.diff(
    { from, to, script: true, exitCode: true, filters: noFilters }))
  const model = { tag: 'schemaDatamodel', files: files(schema) }
  const live = {
    tag: 'schemaDatasource', files: files(schema), configDir: '.',
  }

  return {
    instance,
    call,
    /** `prisma migrate diff --from-empty`: the SQL for the whole schema. */
    ddl: async () => (await diff({ tag: 'empty' }, model)).stdout,

    /** `prisma migrate diff`: the SQL that the database lacks, or ''. */
    drift: async () => {
      const { exitCode, stdout } = await diff(live, model)
      return exitCode ? stdout : ''
    },

    /** `prisma db pull`; with force, from the database alone. */
    pull: async force => (await call(() => instance.introspect({
      schema: { files: files(schema) }, baseDirectoryPath: '.', force,
      compositeTypeDepth: 0, namespaces: null,
    }))).schema.files[0].content,
  }
}

/** Prisma Client: what `prisma generate` writes, made in memory. */
export async function client(schema, url) {
  const provider = providerOf(schema)
  const doc = dmmf(schema)
  const compiler = `@prisma/client/runtime/query_compiler_fast_bg.${provider}`
  const previews = /^\s*previewFeatures\s*=\s*(\[.*\])/m.exec(schema)?.[1]
  const Client = getPrismaClient({
    previewFeatures: JSON.parse(previews ?? '[]'),
    clientVersion: version,
    engineVersion: version,
    activeProvider: provider,
    inlineSchema: schema,
    runtimeDataModel: runtimeModel(doc),
    parameterizationSchema: buildAndSerializeParamGraph(doc),
    compilerWasm: {
      getRuntime: () => import(`${compiler}.mjs`),
      getQueryCompilerWasmModule: async () => {
        const { wasm } = await import(`${compiler}.wasm-base64.mjs`)
        return new WebAssembly.Module(Buffer.from(wasm, 'base64'))
      },
      importName: './query_compiler_fast_bg.js',
    },
  })
  const adapter = provider === 'postgresql'
    ? new PrismaPg({ connectionString: url }, schemaOf(url))
    : new PrismaMariaDb(url)
  return new Client({ adapter })
}

function runtimeModel({ datamodel }) {
  const field = ({ name, kind, type, dbName, relationName }) => ({
    name, kind, type, ...(dbName && { dbName }),
    ...(relationName && { relationName }),
  })
  return {
    models: Object.fromEntries(datamodel.models.map(
      ({ name, dbName, schema, fields }) =>
        [name, { fields: fields.map(field), dbName, schema }])),
    enums: {},
    types: {},
  }
}
