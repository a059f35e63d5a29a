#!/usr/bin/env node
/**
 * A real Apache Kafka for the tests, on this machine only: fetches its jars with the installed Maven (from wherever Maven is set up to fetch), and runs one broker in KRaft
 * mode on free loopback ports. No Docker, no ZooKeeper.
 *
 *   node scripts/kafka.mjs --fetch-only    get the jars (some 40 MB, once) and stop
 *   node scripts/kafka.mjs                 run a broker until Ctrl-C; prints its address
 *
 * Needs `java` 17 or later, and `mvn` for the first run.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Kafka 4.0 is the last whose broker runs on Java 17. */
const KAFKA_VERSION = '4.0.0';
const SCALA_VERSION = '2.13';
const SLF4J_VERSION = '1.7.36';
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 10_000;
const POLL_MS = 100;
const OUTPUT_CHARACTERS_KEPT = 8000;
const CACHE_DIR = join(dirname(fileURLToPath(import.meta.url)), '..', '.cache', 'kafka');
const LIBS_DIR = join(CACHE_DIR, KAFKA_VERSION);
/** Written last, with the names of all jars: its presence means that the fetch was finished. */
const MANIFEST = join(LIBS_DIR, 'jars.json');

const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>aevum</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_${SCALA_VERSION}</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>${SLF4J_VERSION}</version></dependency>
  </dependencies>
</project>
`;

const runs = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const isFetched = async () => {
  try {
    const jars = JSON.parse(await readFile(MANIFEST, 'utf8'));
    const present = new Set(await readdir(LIBS_DIR));
    return jars.length > 0 && jars.every((jar) => present.has(jar));
  } catch {
    return false;
  }
};

const fetchJars = async () => {
  const partDir = `${LIBS_DIR}.part-${process.pid}`;
  await mkdir(partDir, { recursive: true });
  const pom = join(partDir, 'pom.xml');
  await writeFile(pom, POM);
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partDir}`];
  const maven = spawnSync('mvn', ['-B', '-q', '-f', pom, ...goal], { encoding: 'utf8' });
  if (maven.status !== 0) {
    await rm(partDir, { recursive: true, force: true });
    throw new Error(`mvn could not fetch Kafka ${KAFKA_VERSION}:\n${maven.stdout}${maven.stderr}`);
  }
  const jars = (await readdir(partDir)).filter((name) => name.endsWith('.jar'));
  await writeFile(join(partDir, 'jars.json'), JSON.stringify(jars));
  await rm(LIBS_DIR, { recursive: true, force: true });
  await rename(partDir, LIBS_DIR);
};

/**
 * Makes sure that the jars are there.
 * @returns {Promise<string | undefined>} why Kafka cannot be had on this machine, or undefined: it can.
 */
export const fetchKafka = async () => {
  if (!runs('java', ['-version'])) return 'java is not installed (17 or later is needed)';
  if (await isFetched()) return undefined;
  if (!runs('mvn', ['--version'])) return 'mvn is not installed (it fetches the jars of Kafka)';
  try {
    await fetchJars();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const propertiesOf = (dir, port, controllerPort) => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${join(dir, 'data')}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
`;

const javaArgs = (mainClass, args) => [
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-cp',
  join(LIBS_DIR, '*'),
  mainClass,
  ...args,
];

const format = (properties) => {
  // With "=": an id may begin with a hyphen.
  const id = randomBytes(16).toString('base64url');
  const args = ['format', `--cluster-id=${id}`, '-c', properties];
  const formatted = spawnSync('java', javaArgs('kafka.tools.StorageTool', args), { encoding: 'utf8' });
  if (formatted.status !== 0)
    throw new Error(`formatting Kafka's storage failed:\n${formatted.stdout}${formatted.stderr}`);
};

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const untilUp = async (child, port, output) => {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`Kafka ended while starting:\n${output()}`);
    if (Date.now() > deadlineMs)
      throw new Error(`Kafka did not start within ${START_TIMEOUT_MS} ms:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const stopChild = async (child, signal) => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
};

/**
 * Starts a broker with storage of its own, which is removed when it is stopped. The jars must be there (`fetchKafka`). The broker dies with this process.
 * @returns {Promise<{ broker: string, pid: number, stop: () => Promise<void> }>} `broker` is host:port.
 */
export const startKafka = async () => {
  const dir = await mkdtemp(join(tmpdir(), 'aevum-kafka-'));
  const port = await freePort();
  const properties = join(dir, 'server.properties');
  await writeFile(properties, propertiesOf(dir, port, await freePort()));
  let child;
  const killAtExit = () => child?.kill('SIGKILL');
  try {
    format(properties);
    child = spawn('java', javaArgs('kafka.Kafka', [properties]), { stdio: ['ignore', 'pipe', 'pipe'] });
    process.once('exit', killAtExit);
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-OUTPUT_CHARACTERS_KEPT));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    await untilUp(child, port, () => output);
  } catch (error) {
    killAtExit();
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
  const stop = async () => {
    process.off('exit', killAtExit);
    await stopChild(child, 'SIGTERM');
    await rm(dir, { recursive: true, force: true });
  };
  return { broker: `127.0.0.1:${port}`, pid: child.pid, stop };
};

const main = async () => {
  const had = existsSync(MANIFEST);
  const reason = await fetchKafka();
  if (reason !== undefined) {
    process.stderr.write(`Kafka cannot be had here: ${reason}\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(`Kafka ${KAFKA_VERSION}: jars ${had ? 'are there' : 'fetched'} (${LIBS_DIR})\n`);
  if (process.argv.includes('--fetch-only')) return;
  const kafka = await startKafka();
  process.stdout.write(`Kafka is running at ${kafka.broker} (process ${kafka.pid}); Ctrl-C stops it\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void kafka.stop());
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
