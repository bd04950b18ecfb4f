import { chmodSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, freshWorkFolder } from './cache-folder.mjs';
import { MAKE_ARCHIVE, makeClassArchive } from './class-archive.mjs';
import { isExecutable, onPath } from './executable.mjs';
import { NotThisWay } from './failures.mjs';
import { sdkDownload, sdkDownloadPath } from './sdk-download.mjs';
import { runStep } from './step.mjs';
import { explicitPath, find } from './ways.mjs';

const VERSION = '1.38.0';
const MAVEN_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/**
 * The time-skipping test server, as something that `TestWorkflowEnvironment.createTimeSkipping` can start from an existing path.
 * @returns {Promise<string>} its path
 * @throws {import('./failures.mjs').SetupError}
 */
export async function findTimeSkippingServer() {
  return find({
    what: 'The Temporal time-skipping test server',
    lock: 'time-skipping',
    inPlace: [
      explicitPath('TEMPORAL_TEST_SERVER_PATH', 'the time-skipping test server', check),
      { name: 'an earlier set-up', attempt: async () => kept() },
    ],
    fetched: [
      {
        name: "the Temporal SDK's download",
        attempt: async () => check(await sdkDownload('time-skipping', 'the time-skipping test server')),
      },
      { name: `the Maven artifact io.temporal:temporal-test-server:${VERSION}`, attempt: assemble },
    ],
    advice:
      'What you can do: install Java 11 or later and Maven (on Debian: apt-get install default-jre-headless maven), ' +
      'or set TEMPORAL_TEST_SERVER_PATH to the path of a test server, then run the command again.',
  });
}

function check(path) {
  if (!isExecutable(path)) throw new NotThisWay(`${path} is not a file that can be run`);
  return path;
}

function assembledPath() {
  return join(cacheFolder(), `temporal-test-server-${VERSION}`, 'temporal-test-server');
}

function kept() {
  const downloaded = sdkDownloadPath('time-skipping');
  if (existsSync(downloaded)) return check(downloaded);
  if (!existsSync(assembledPath())) throw new NotThisWay('nothing kept');
  requireJava();
  return check(assembledPath());
}

function requireJava() {
  const home = process.env.JAVA_HOME;
  if (home && isExecutable(join(home, 'bin', 'java'))) return;
  try {
    onPath('java');
  } catch {
    throw new NotThisWay('`java` is not on PATH');
  }
}

async function assemble() {
  requireJava();
  const work = freshWorkFolder('time-skipping');
  try {
    writeFileSync(join(work, 'pom.xml'), pom());
    await runStep({
      what: 'fetching the time-skipping test server with Maven',
      command: 'mvn',
      args: [
        '--batch-mode',
        '--no-transfer-progress',
        '--file',
        join(work, 'pom.xml'),
        `${MAVEN_PLUGIN}:copy-dependencies`,
        '-DincludeScope=runtime',
        `-DoutputDirectory=${join(work, 'lib')}`,
      ],
      limitSeconds: 900,
    });
    if (!readdirSync(join(work, 'lib')).some((jar) => jar.startsWith('temporal-test-server'))) {
      throw new NotThisWay('Maven copied no temporal-test-server');
    }
    writeFileSync(join(work, 'temporal-test-server'), launcher());
    chmodSync(join(work, 'temporal-test-server'), 0o755);
    const folder = join(assembledPath(), '..');
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
    // In its last place: the archive names the jars by their paths.
    await makeClassArchive(assembledPath(), join(folder, 'classes.jsa'));
    return assembledPath();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function pom() {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>order-provisioning</groupId>
  <artifactId>temporal-test-server-set-up</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-nop</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;
}

/** Takes the arguments of the native test server (a port, then flags). The JVM flags are for a start in one second. */
function launcher() {
  return `#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
java="\${JAVA_HOME:+$JAVA_HOME/bin/}java"
[ -x "$java" ] || java=java
classes="-XX:SharedArchiveFile=$here/classes.jsa"
[ -f "$here/classes.jsa" ] || classes=-Xshare:auto
[ -z "$${MAKE_ARCHIVE}" ] || classes="-XX:ArchiveClassesAtExit=$${MAKE_ARCHIVE}"
exec "$java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "$classes" -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"
`;
}
