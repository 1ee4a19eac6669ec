"""Golden vectors of image files: small PNG and JPEG files, and SHA-256 of the red, green, blue bytes that other programs see in them.

    /usr/bin/python3 tests/golden/make_image_vectors.py

It writes image-vectors.json beside itself: [{"name", "file" (base64), "width", "height", "sha256"}]. JPEG files are made by Pillow and
cjpeg, and read by Pillow (libjpeg-turbo 2.1.5); PNG files are made here, of pixels that are known. It needs python3-pil and
libjpeg-turbo-progs.
"""
import base64
import hashlib
import io
import json
import pathlib
import random
import struct
import subprocess
import zlib

from PIL import Image

WIDTH, HEIGHT = 35, 29
draw = random.Random(7)
PIXELS = [
    [[min(255, max(0, int(v + draw.gauss(0, 9)))) for v in (7 * x, 8 * y, 255 - 3 * x - 4 * y)] for x in range(WIDTH)]
    for y in range(HEIGHT)
]
IMAGE = Image.new("RGB", (WIDTH, HEIGHT))
IMAGE.putdata([tuple(p) for row in PIXELS for p in row])


def vector(name, data, pixels):
    file, digest = base64.b64encode(data).decode(), hashlib.sha256(pixels).hexdigest()
    return {"name": name, "file": file, "width": WIDTH, "height": HEIGHT, "sha256": digest}


def jpeg(name, data):
    return vector(name, data, Image.open(io.BytesIO(data)).convert("RGB").tobytes())


def saved(image=IMAGE, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def cjpeg(*options):
    out = io.BytesIO()
    IMAGE.save(out, "PPM")
    return subprocess.run(["cjpeg", *options], input=out.getvalue(), stdout=subprocess.PIPE, check=True).stdout


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, depth, colour, rows, expected, extra=b"", interlaced=False):
    """rows: a list of samples for each row; expected: red, green, blue of each pixel."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]

    def packed(row):
        bits = "".join(format(v, f"0{depth}b") for v in row)
        return b"\0" + bytes(int(bits[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(bits), 8))

    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    data = b""
    for x0, y0, dx, dy in passes if interlaced else ((0, 0, 1, 1),):
        for row in rows[y0::dy]:
            data += packed([v for x in range(x0, WIDTH, dx) for v in row[x * channels : (x + 1) * channels]])
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, int(interlaced))
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return vector(name, file, bytes(v for row in expected for p in row for v in p))


def scaled(value):  # 16 bits to 8, to the nearest
    return (2 * value + 257) // 514


exif = Image.Exif()
exif[274] = 6
wide = [[257 * v + draw.randrange(-100, 100) if 0 < v < 255 else 257 * v for p in row for v in p] for row in PIXELS]
palette = [[draw.randrange(256) for _ in range(3)] for _ in range(16)]
index = [[(x * y) % 16 for x in range(WIDTH)] for y in range(HEIGHT)]
grey = [[p[1] for p in row] for row in PIXELS]
coloured = [[palette[i] for i in row] for row in index]
plte, gamma = chunk(b"PLTE", bytes(v for p in palette for v in p)), chunk(b"gAMA", struct.pack(">I", 100000))
vectors = [
    jpeg("4:4:4", saved(quality=90, subsampling=0)),
    jpeg("4:2:2", saved(quality=75, subsampling=1)),
    jpeg("4:2:0", saved(quality=75, subsampling=2)),
    jpeg("4:4:0", cjpeg("-quality", "80", "-sample", "1x2")),
    jpeg("4:1:1", cjpeg("-quality", "80", "-sample", "4x1")),
    jpeg("progressive", saved(quality=85, progressive=True)),
    jpeg("restart markers", cjpeg("-quality", "60", "-restart", "1")),
    jpeg("arithmetic", cjpeg("-quality", "80", "-arithmetic")),
    jpeg("grey", saved(IMAGE.convert("L"), quality=85)),
    jpeg("turned by EXIF", saved(quality=85, exif=exif)),
    jpeg("bytes after the end", saved(quality=85) + b"more"),
    png("16 bits", 16, 2, wide, [[[scaled(v) for v in row[3 * x : 3 * x + 3]] for x in range(WIDTH)] for row in wide]),
    png("palette of 4 bits, transparent", 4, 3, index, coloured, plte + chunk(b"tRNS", bytes(range(9)))),
    png("interlaced grey with gamma", 8, 0, grey, [[[v] * 3 for v in row] for row in grey], gamma, True),
    png("grey of 2 bits", 2, 0, [[v // 64 for v in row] for row in grey], [[[v // 64 * 85] * 3 for v in row] for row in grey]),
    png("alpha", 8, 6, [[v for p in row for v in (*p, p[0])] for row in PIXELS], PIXELS),
]
pathlib.Path(__file__).with_name("image-vectors.json").write_text(json.dumps(vectors, indent=1) + "\n")
