// One polykms process: started with a ready file, ended by its process id.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { openSync, closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import os from 'node:os';
import path from 'node:path';

const START_MILLISECONDS = 30_000;

export class Server {
  /** Starts `polykms dev` on a free port and waits until it is ready. */
  static async start() {
    const program = process.env.POLYKMS_BIN;
    if (!program) throw new Error('POLYKMS_BIN must name the polykms program');
    const folder = await mkdtemp(path.join(os.tmpdir(), 'polykms-'));
    const ready = path.join(folder, 'ready.json');
    const log = openSync(path.join(folder, 'server.log'), 'a');
    const child = spawn(program, ['dev', '--listen', '127.0.0.1:0', '--ready-file', ready], {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const server = new Server(child, folder);
    server.endpoint = (await server.wait(ready)).endpoint;
    server.address = server.endpoint.replace('http://', '').replace(/\/$/, '');
    return server;
  }

  constructor(child, folder) {
    this.child = child;
    this.folder = folder;
    this.ended = new Promise((resolve) => child.once('exit', resolve));
  }

  async wait(ready) {
    const deadline = Date.now() + START_MILLISECONDS;
    while (Date.now() < deadline && this.child.exitCode === null) {
      try {
        return JSON.parse(await readFile(ready, 'utf8'));
      } catch {
        await sleep(10);
      }
    }
    const log = await readFile(path.join(this.folder, 'server.log'), 'utf8');
    await this.stop();
    throw new Error(`polykms is not ready:\n${log}`);
  }

  /** Forgets everything but the owners. */
  async reset() {
    const answer = await fetch(`${this.endpoint}/_polykms/reset`, { method: 'POST' });
    if (!answer.ok) throw new Error(`reset answered ${answer.status}`);
  }

  async stop() {
    if (this.child.exitCode === null) this.child.kill('SIGTERM');
    await Promise.race([this.ended, sleep(10_000, undefined, { ref: false })]);
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}
