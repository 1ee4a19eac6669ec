// What the drivers of the live page share: the program as a child, Debian's Chromium, waiting, and saying what was seen.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

export const patience = 60_000;
const token = "0123456789abcdef0123456789abcdef";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const children = [];

/** Starts the program with a token that servers share. */
export function start(program, folder, ...words) {
    const child = spawn("dotnet", [program, ...words], {
        cwd: folder,
        env: { ...process.env, GAPLAB_SERVE_TOKEN: token },
        stdio: ["ignore", "pipe", "pipe"],
    });
    child.text = "";
    child.stdout.on("data", (data) => (child.text += data));
    child.stderr.on("data", (data) => (child.text += data));
    child.ended = new Promise((resolve) => child.on("exit", resolve));
    children.push(child);
    return child;
}

/** Serves stores; the address is what the program printed. */
export async function serve(program, folder, port, ...stores) {
    const server = start(program, folder, "serve", ...stores, "--port", String(port));
    const address = await until("the server's address", () => /http:\S+/.exec(server.text)?.[0]);
    return { server, address, port: Number(new URL(address).port) };
}

/** What a question gives when it gives something. */
export async function until(what, holds) {
    const end = Date.now() + patience;
    for (;;) {
        const seen = await holds();
        if (seen) return seen;
        if (Date.now() > end) throw new Error(`not seen: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

export function ok(what) {
    console.log(`ok: ${what}`);
}

export function expect(what, holds, seen) {
    if (!holds) throw new Error(`${what}: ${JSON.stringify(seen)}`);
    ok(what);
}

/** Serious faults by axe-core's rules; what Vega draws is one picture. */
export async function faults(page) {
    await page.evaluate(axe);
    const found = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ["violations"] })).violations);
    return found.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`);
}

/** The bytes that a click makes the browser save. */
export async function saved(page, click) {
    const [download] = await Promise.all([page.waitForEvent("download", { timeout: patience }), click()]);
    return readFileSync(await download.path());
}

/** Runs a driver with a browser. What was not seen ends it, with what its children said. */
export async function drive(steps) {
    const browser = await chromium.launch({ executablePath: process.env.GAPLAB_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
    let failed = null;
    try {
        await steps(browser);
    } catch (error) {
        failed = error;
    } finally {
        await browser.close();
        for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
    }
    if (!failed) return;
    console.error(String(failed.stack ?? failed));
    for (const child of children)
        console.error(`--- ${child.spawnargs.slice(2).join(" ")}: ${child.exitCode}\n${child.text.slice(-2000)}`);
    process.exit(1);
}
