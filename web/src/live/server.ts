// What the server says: documents that are asked for, and a stream of what is new.

export interface StoreState {
  store: number;
  name: string;
  path: string;
  version: number;
  state: "opening" | "running" | "idle" | "done" | "gone" | "unreadable";
  problem: string | null;
  metric: string | null;
  runs: number;
  done: number;
  diverged: number;
  failed: number;
  making: number;
  atWork: number;
  fraction: number;
  secondsLeft: number | null;
  /** Views of what probes measured that have something to show. */
  measured: string[];
}

export interface RunRow {
  id: string;
  comparison: string;
  optimizer: string;
  batch: number;
  lr: number;
  variant: string;
  seed: number;
  state: string;
  value: number | null;
  clip: number | null;
  seconds: number | null;
  tuned: boolean;
  reason: string;
}

export interface Part {
  id: string;
  title: string;
  digest: string;
}

type Query = { [name: string]: string | number };

/** A document of a store; what the server refuses is an error with its words. */
export async function ask<T>(store: number, what: string, query: Query = {}): Promise<T> {
  return (await (await answered(store, what, query)).json()) as T;
}

/** A part of a page. */
export async function askText(store: number, what: string, query: Query = {}): Promise<string> {
  return (await answered(store, what, query)).text();
}

async function answered(store: number, what: string, query: Query): Promise<Response> {
  const words = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
  const answer = await fetch(`api/${store}/${what}${words ? "?" + words : ""}`);
  if (!answer.ok) throw new Error((await answer.text()) || `the server says ${answer.status}`);
  return answer;
}

export interface Listener {
  state(state: StoreState): void;
  answer(store: number): void;
  work(store: number): void;
  /** "" when the server answers; else why it does not. */
  connected(problem: string): void;
}

/** Listens for ever: a server that went away is looked for until it is back. */
export function listen(listener: Listener): void {
  const source = new EventSource("events");
  const on = <T>(name: string, told: (data: T) => void) =>
    source.addEventListener(name, (event) => told(JSON.parse((event as MessageEvent<string>).data) as T));
  on<StoreState>("state", (state) => listener.state(state));
  on<{ store: number }>("answer", ({ store }) => listener.answer(store));
  on<{ store: number }>("work", ({ store }) => listener.work(store));
  source.onopen = () => listener.connected("");
  source.onerror = () => {
    source.close();
    void why().then((problem) => {
      listener.connected(problem);
      window.setTimeout(() => listen(listener), 2000);
    });
  };
}

async function why(): Promise<string> {
  try {
    const answer = await fetch("api/stores");
    return answer.status === 401 ? "The server was started anew: open the address that it printed." : "";
  } catch {
    return "The server does not answer. The page shows what it said last and goes on when 'gaplab serve' runs again.";
  }
}
