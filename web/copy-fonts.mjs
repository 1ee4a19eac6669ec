// Puts the fonts of pictures beside the scripts: node copy-fonts.mjs
import { copyFileSync, mkdirSync } from "node:fs";

const to = new URL("dist/fonts/", import.meta.url);
mkdirSync(to, { recursive: true });
copyFileSync(new URL("fonts.conf", import.meta.url), new URL("fonts.conf", to));
for (const font of ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"])
  copyFileSync(new URL(`node_modules/dejavu-fonts-ttf/ttf/${font}`, import.meta.url), new URL(font, to));
copyFileSync(new URL("node_modules/dejavu-fonts-ttf/LICENSE", import.meta.url), new URL("LICENSE", to));
