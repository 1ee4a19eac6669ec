// Opens the live page in Debian's Chromium and prints the milliseconds until its first verdict and the picture of it stood there, the
// shortest of three times in a browser that has it in its cache: node web/open-live.mjs ADDRESS, with the token.
import { chromium } from "playwright-core";

const address = process.argv[2];
const browser = await chromium.launch({ executablePath: process.env.GAPLAB_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
let least = Infinity;
try {
    const context = await browser.newContext();
    for (let i = 0; i < 4; i++) {
        const page = await context.newPage();
        const began = Date.now();
        await page.goto(address, { waitUntil: "commit", timeout: 60_000 });
        await page.waitForSelector(".opening .answer", { timeout: 60_000 });
        await page.waitForSelector(".opening svg.marks", { timeout: 60_000 });
        if (i > 0) least = Math.min(least, Date.now() - began);
        await page.close();
    }
} finally {
    await browser.close();
}
console.log(least);
