// Drives the live page in Debian's Chromium as a person would: node web/drive-live.mjs GAPLAB.dll FOLDER [SHOTS]
// FOLDER holds study.yaml and is written into. Prints "ok: …" for each thing that was seen; what was not seen ends it. With SHOTS it also
// saves pictures of the first screens there.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as browse from "./browse.mjs";
import { drive, expect, faults, ok, patience, saved, until } from "./browse.mjs";

const [program, folder, shots] = process.argv.slice(2);
const store = join(folder, "store");
const serve = (port) => browse.serve(program, folder, port, store);

await drive(async (browser) => {
    const study = browse.start(program, folder, "study", "run", "study.yaml", "--store", store, "--workers", "1");
    await until("the store", () => existsSync(join(store, "plan.json")));
    let { server, address, port } = await serve(0);

    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true });
    const page = await context.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.setDefaultTimeout(patience);
    await page.goto(`${address}&view=curves&all=1&metric=train-loss`);
    await page.evaluate(() => (globalThis.notReloaded = true));
    expect("the token is not left in the address", !page.url().includes("token"), page.url());

    const points = async () =>
        Number(
            await page
                .locator(".curves-view")
                .getAttribute("data-points")
                .catch(() => 0),
        );
    const some = await until("a curve", points);
    const more = await until("a longer curve", async () => ((await points()) > some ? points() : 0));
    expect(`curves grow without a reload`, more > some && (await page.evaluate(() => globalThis.notReloaded)), [some, more]);

    const other = await (await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: "dark" })).newPage();
    other.on("pageerror", (error) => problems.push(String(error)));
    await other.goto(address);
    await until("the state in a second browser", async () => /of \d+ runs? ended/.test(await other.locator(".status").innerText()));
    ok("a second browser watches");

    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await page.getByRole("searchbox").fill("optimizer=adam");
    await until("the filter in the address", () => page.url().includes("q=optimizer%3Dadam"));
    await until("the filtered table", async () => /match/.test(await page.locator(".said").innerText()));
    const optimizers = await page.locator(".runs-view tbody tr td:nth-child(3)").allInnerTexts();
    expect("a filter changes the address and the table", optimizers.length > 0 && optimizers.every((o) => o === "adam"), optimizers);
    await page.getByRole("searchbox").fill("optimizer=none");
    await until("an empty selection that says so", async () => /^No run matches/.test(await page.locator(".said").innerText()));
    ok("an empty selection says so");
    await page.goBack();

    await study.ended;
    expect("the study ended well", study.exitCode === 0, study.text);
    await page.goto(`http://127.0.0.1:${port}/`);
    await until("the end on the page", async () => /finished/.test(await page.locator(".status").innerText()));
    const first = await page.locator(".answer").innerText();
    const drawn = await until("the gap", () => page.locator(".opening svg.marks").count());
    const box = await page.locator(".opening .plot").boundingBox();
    expect("the answer and its picture are on the first screen", first.length > 20 && drawn === 1 && box.y + box.height < 800, [
        first,
        box,
    ]);

    const report = await new Promise((resolve, reject) =>
        execFile("dotnet", [program, "study", "report", store, "--json"], { maxBuffer: 1 << 26 }, (error, out) =>
            error ? reject(error) : resolve(JSON.parse(out)),
        ),
    );
    const live = await page.evaluate(async () => await (await fetch("api/0/analysis")).json());
    const numbers = (analysis) => JSON.stringify(analysis.comparisons.map((c) => [c.verdict, c.headline, c.gaps, c.isotonic]));
    expect("the page's numbers are those of study report", numbers(live) === numbers(report), [live, report]);

    await page.locator(".opening summary").first().click();
    const svg = String(await saved(page, () => page.getByText("Save as SVG").first().click({ delay: 500 })));
    expect("a figure is saved as SVG", svg.startsWith("<svg") && svg.includes("mark-"), svg.slice(0, 80));

    await page.setViewportSize({ width: 1280, height: 800 });
    const views = ["Answer", "Curves", "Learning rates", "Settings", "Runs"];
    for (const view of views) {
        await page.getByRole("link", { name: view, exact: true }).click();
        await page.waitForLoadState("networkidle").catch(() => undefined);
        await page.waitForTimeout(400);
        expect(`no serious fault of accessibility: ${view}`, (await faults(page)).length === 0, await faults(page));
        if (shots) await page.screenshot({ path: join(shots, `live-${view.toLowerCase().replace(" ", "-")}.png`) });
        if (view === "Curves") {
            const png = await saved(page, () => page.getByText("Save as PNG").click());
            expect("curves are saved as PNG", png.subarray(1, 4).toString() === "PNG", png.length);
            const table = String(await saved(page, () => page.getByText("Save the numbers as CSV").click()));
            expect("curves are saved as CSV", table.startsWith("run,name,samples,validation-loss\n"), table.slice(0, 60));
        }
    }
    await page.locator(".runs-view tbody a").first().click();
    await until("the curves of one run", () => page.locator(".run-curves canvas").count());
    expect("no serious fault of accessibility: a run's page", (await faults(page)).length === 0, await faults(page));
    await other.reload();
    await until("the answer on a phone", () => other.locator(".opening svg.marks").count());
    await other.waitForTimeout(400);
    expect("no serious fault of accessibility: dark, on a phone", (await faults(other)).length === 0, await faults(other));
    const wide = await other.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect("a phone need not scroll sideways", wide <= 0, wide);
    if (shots) await pictures();

    await page.evaluate(() => (globalThis.notReloaded = true));
    server.kill("SIGKILL");
    await until("a word about the server", async () => /does not answer/.test(await page.locator(".banner").innerText()));
    ok("a server that is killed is told");
    ({ server } = await serve(port));
    await until("the server again", async () => await page.locator(".banner").isHidden());
    expect("a server that is started again is found without a reload", await page.evaluate(() => globalThis.notReloaded), null);

    rmSync(store, { recursive: true });
    await until("a word about the store", async () => /deleted or moved/.test(await page.locator("header").innerText()));
    ok("a store that is deleted is told, and the server goes on");
    server.kill("SIGINT");
    expect("Ctrl-C ends it in order", (await server.ended) === 0, server.text);
    expect("no error in the page", problems.length === 0, problems);

    async function pictures() {
        mkdirSync(shots, { recursive: true });
        for (const [name, options] of Object.entries({
            light: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
            dark: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
            phone: { viewport: { width: 390, height: 844 }, colorScheme: "light" },
        })) {
            const shown = await (await browser.newContext(options)).newPage();
            await shown.goto(`file://${join(store, "report.html")}`);
            await until(`the report, ${name}`, () => shown.locator(".opening svg.marks").count());
            await shown.screenshot({ path: join(shots, `report-${name}.png`) });
            await shown.close();
        }
    }
});
