// Drives the views of what probes measured in Debian's Chromium as a person would: node web/drive-measured.mjs GAPLAB.dll FOLDER [SHOTS]
// FOLDER holds study.yaml, which names probes, and plain.yaml, the same study without them, and is written into. Prints "ok: …" for each thing that was seen; what was not seen ends
// it. With SHOTS it also saves pictures there.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { drive, expect, faults, ok, patience, saved, serve, start, until } from "./browse.mjs";

const [program, folder, shots] = process.argv.slice(2);
const store = join(folder, "store");

/** The rows of a table, as their exact values. */
async function rows(page, section) {
    return page
        .locator(`section#${section} tbody tr`)
        .evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.dataset.value ?? cell.textContent)));
}

await drive(async (browser) => {
    const plain = start(program, folder, "study", "run", "plain.yaml", "--store", store, "--workers", "1");
    await plain.ended;
    expect("the study ended well", plain.exitCode === 0, plain.text);
    const { server, address } = await serve(program, folder, 0, store);
    const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        acceptDownloads: true,
        permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.setDefaultTimeout(patience);
    await page.goto(address);
    await until("the answer", () => page.locator(".opening svg.marks").count());
    const tabs = () => page.locator("nav.tabs a").allInnerTexts();
    expect("what was not measured has no view", !(await tabs()).some((tab) => /Sharpness|Noise|Spectra/.test(tab)), await tabs());

    await page.evaluate(() => (globalThis.notReloaded = true));
    const probed = start(program, folder, "study", "run", "study.yaml", "--store", store, "--workers", "1");
    await probed.ended;
    expect("the probes measured", probed.exitCode === 0, probed.text);
    const all = "Answer,Curves,Learning rates,Settings,Sharpness,Noise,Spectra,Runs";
    await until("the views of what was measured", async () => (await tabs()).join() === all);
    ok("each view of what was measured comes by itself");

    for (const [view, first, charts] of [
        ["Sharpness", "sharpness", 5],
        ["Noise", "signal", 5],
        ["Spectra", "spectrum", 4],
    ]) {
        await page.getByRole("link", { name: view, exact: true }).click();
        expect(`the address names the view: ${view}`, page.url().includes(`view=${view.toLowerCase()}`), page.url());
        await until(`a figure: ${view}`, () => page.locator(`section#${first} svg.marks`).count());
        const drawn = await until(`figures: ${view}`, async () => {
            const found = await page.locator(".plot[data-spec]").count();
            return found >= charts && found;
        });
        ok(`${view} has its figures (${drawn > 0})`);
        await page.locator(`section#${first} .plot summary`).first().click();
        const svg = String(await saved(page, () => page.locator(`section#${first}`).getByText("Save as SVG").click({ delay: 500 })));
        expect(`a figure is saved as SVG: ${view}`, svg.startsWith("<svg") && svg.includes("mark-"), svg.slice(0, 80));
        const png = await saved(page, () => page.locator(`section#${first}`).getByText("Save as PNG").click({ delay: 500 }));
        expect(`a figure is saved as PNG: ${view}`, png.subarray(1, 4).toString() === "PNG", png.length);
        const table = page.locator(`section#${first} details.numbers`);
        if (await table.count()) await table.locator("> summary").click();
        await page.locator(`section#${first} .copy`).first().click();
        const csv = await until(`a table as CSV: ${view}`, () => page.evaluate(() => navigator.clipboard.readText()));
        const lines = csv.trimEnd().split("\n").length;
        const shown = await rows(page, first);
        expect(`a table is copied as CSV: ${view}`, shown.length > 0 && lines === shown.length + 1, [lines, shown.length]);
        expect(`no serious fault of accessibility: ${view}`, (await faults(page)).length === 0, await faults(page));
        if (shots) {
            mkdirSync(shots, { recursive: true });
            await page.screenshot({ path: join(shots, `live-${view.toLowerCase()}.png`), fullPage: true });
        }
    }
    expect("all of it without a reload", await page.evaluate(() => globalThis.notReloaded), null);

    const report = await context.newPage();
    await report.goto(`file://${join(store, "report.html")}`);
    for (const [view, section] of [
        ["sharpness", "sharpness"],
        ["spectra", "spectrum"],
        ["noise", "signal"],
    ]) {
        await page.goto(`${new URL(address).origin}/?view=${view}`);
        await until(`the table of ${section}`, async () => (await rows(page, section)).length);
        const [live, written] = [JSON.stringify(await rows(page, section)), JSON.stringify(await rows(report, section))];
        expect(`the numbers of ${section} are those of the report`, live === written && live.length > 100, [live, written]);
    }

    const phone = await (await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: "dark" })).newPage();
    phone.on("pageerror", (error) => problems.push(String(error)));
    await phone.goto(address);
    for (const view of ["sharpness", "noise", "spectra"]) {
        await phone.goto(`${new URL(address).origin}/?view=${view}`);
        await until(`${view} on a phone`, () => phone.locator("svg.marks").count());
        await phone.waitForTimeout(400);
        const wide = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(`a phone need not scroll sideways: ${view}`, wide <= 0, wide);
        if (shots) await phone.screenshot({ path: join(shots, `phone-${view}.png`), fullPage: true });
    }
    server.kill("SIGINT");
    expect("Ctrl-C ends it in order", (await server.ended) === 0, server.text);
    expect("no error in the page", problems.length === 0, problems);
});
