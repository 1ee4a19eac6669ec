// An image of any size as a square of a given one.
namespace Gaplab.Learning.Data.Images;

/// <summary>Scaling by area: a new pixel is the mean of what it covers, so the mean brightness of what is kept is kept.</summary>
internal static class ImageResize
{
    /// <summary>The middle square of red, green, blue pixels [H, W, 3], scaled to [3, side, side].</summary>
    public static void Fill(ReadOnlySpan<byte> pixels, int height, int width, int side, Span<byte> image)
    {
        int square = Math.Min(height, width),
            top = (height - square) / 2,
            left = (width - square) / 2;
        double scale = (double)square / side;
        // First lines, then columns: what a new pixel covers is a product of intervals.
        double[] lines = new double[side * square * 3];
        for (int y = 0; y < side; y++)
        for (int source = (int)(y * scale); source < square && source < (y + 1) * scale; source++)
        {
            double weight = (Math.Min(source + 1, (y + 1) * scale) - Math.Max(source, y * scale)) / scale;
            ReadOnlySpan<byte> line = pixels.Slice(((top + source) * width + left) * 3, square * 3);
            for (int i = 0; i < line.Length; i++)
                lines[y * square * 3 + i] += weight * line[i];
        }
        for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
        {
            double red = 0,
                green = 0,
                blue = 0;
            for (int source = (int)(x * scale); source < square && source < (x + 1) * scale; source++)
            {
                double weight = (Math.Min(source + 1, (x + 1) * scale) - Math.Max(source, x * scale)) / scale;
                int at = (y * square + source) * 3;
                (red, green, blue) = (red + weight * lines[at], green + weight * lines[at + 1], blue + weight * lines[at + 2]);
            }
            (image[y * side + x], image[(side + y) * side + x], image[(2 * side + y) * side + x]) = (Level(red), Level(green), Level(blue));
        }
    }

    private static byte Level(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
}
