// node baseline.mjs SCHEMA POSTGRES_URL ACTION MIGRATION_SQL...
// Prisma's commands on a history of migrations, made of the files named in
// their order: 0_init, 1_next, ... Prints the answer as JSON. ACTION is
//   resolve   prisma migrate resolve --applied 0_init
//   status    prisma migrate status
//   deploy    prisma migrate deploy
//   dev       what prisma migrate dev would do: createMigration or reset
import { readFileSync } from 'node:fs'
import { readSchema, schemaEngine } from './prisma.mjs'

const [path, url, action, ...sqlFiles] = process.argv.slice(2)
const filters = { externalTables: [], externalEnums: [] }
const migrationsList = {
  baseDir: 'prisma/migrations',
  shadowDbInitScript: '',
  lockfile: {
    path: 'migration_lock.toml', content: 'provider = "postgresql"\n',
  },
  migrationDirectories: sqlFiles.map((file, n) => ({
    path: n ? `${n}_next` : '0_init',
    migrationFile: {
      path: 'migration.sql',
      content: { tag: 'ok', value: readFileSync(file, 'utf8') },
    },
  })),
}

const { instance, call } = await schemaEngine(readSchema(path), url)
const actions = {
  resolve: () => instance.markMigrationApplied(
    { migrationName: '0_init', migrationsList }),
  status: () => instance.diagnoseMigrationHistory(
    { migrationsList, optInToShadowDatabase: true, filters }),
  deploy: () => instance.applyMigrations({ migrationsList, filters }),
  dev: () => instance.devDiagnostic({ migrationsList, filters }),
}
try {
  console.log(JSON.stringify(await call(actions[action]) ?? null))
} catch (error) {
  console.log(error.message)
  process.exitCode = 1
}
process.exit()
