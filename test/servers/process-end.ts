const DEADLINE_MS = 10_000;
const LOOK_EVERY_MS = 20;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Ends a process by SIGKILL and resolves when it is gone; one that is gone already is fine. */
export async function killAndWait(pid: number): Promise<void> {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  const deadlineMs = Date.now() + DEADLINE_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadlineMs)
      throw new Error(`process ${pid} is still there ${DEADLINE_MS} ms after SIGKILL`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
