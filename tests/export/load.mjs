// SPDX-License-Identifier: Apache-2.0
// Loads exported tables into DuckDB, as a user would, and tells as JSON what then is in there.
// usage: node load.mjs SCHEMA.sql FOLDER     (FOLDER: all.jsonl, and TABLE.jsonl of each table)
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [schema, folder] = process.argv.slice(2);
const database = await (await DuckDBInstance.create(':memory:')).connect();
const rows = async sql => (await database.runAndReadAll(sql)).getRowObjectsJson();

const tables = [];
for (const statement of readFileSync(schema, 'utf8').split(';').map(text => text.trim()).filter(Boolean)) {
  await database.run(statement);
  tables.push(statement.match(/CREATE TABLE tcpwatch_(\w+)/)[1]);
}
const told = { counts: {} };
for (const table of tables) {
  await database.run(`COPY tcpwatch_${table} FROM '${folder}/${table}.jsonl' (FORMAT json)`);
  told.counts[table] = Number((await rows(`SELECT count(*) AS n FROM tcpwatch_${table}`))[0].n);
}
told.kinds = await rows(`SELECT kind, count(*)::INTEGER AS n FROM read_json('${folder}/all.jsonl',
  format = 'newline_delimited', columns = {kind: 'VARCHAR'}) GROUP BY kind`);
told.closed = (await rows(`SELECT sum(bytes_in)::UBIGINT AS bytes_in, sum(lifetime_ns)::UBIGINT AS lifetime_ns,
  strftime(max(time), '%Y-%m-%dT%H:%M:%S') AS last FROM tcpwatch_closed`))[0];
// Joined over the tables: who leaked most, and how it is called.
told.leak = (await rows(`SELECT p.comm, max(c.sockets)::INTEGER AS sockets FROM tcpwatch_close_waits c
  JOIN tcpwatch_process p USING (pid, start_ticks) GROUP BY p.comm ORDER BY sockets DESC LIMIT 1`))[0];
told.unknown = (await rows('SELECT count(*)::INTEGER AS n FROM tcpwatch_process WHERE fds_open IS NULL'))[0].n;
console.log(JSON.stringify(told));
