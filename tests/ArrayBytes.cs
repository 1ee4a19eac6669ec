// Files of arrays typed byte by byte, as NumPy and the safetensors package describe their formats: nothing of Gaplab writes them.
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Gaplab.Tests;

internal static class ArrayBytes
{
    /// <summary>The bytes of values, little-endian.</summary>
    public static byte[] Of<T>(params T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values).ToArray();

    /// <summary>A .npy file, version 1.0.</summary>
    /// <param name="descr">"&lt;f4".</param>
    /// <param name="shape">"(3, 4)".</param>
    public static byte[] Npy(string descr, string shape, byte[] data, bool fortran = false)
    {
        string header = $"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}";
        header = header.PadRight((10 + header.Length + 64) / 64 * 64 - 11) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. Encoding.ASCII.GetBytes(header), .. data];
    }

    /// <summary>A .npz file.</summary>
    public static byte[] Npz(params (string Name, byte[] Npy)[] arrays)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach ((string name, byte[] npy) in arrays)
            {
                using Stream entry = archive.CreateEntry(name + ".npy").Open();
                entry.Write(npy);
            }
        return bytes.ToArray();
    }

    /// <summary>A safetensors file.</summary>
    public static byte[] Safetensors(params (string Name, string Type, long[] Shape, byte[] Data)[] tensors)
    {
        var header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        long at = 0;
        foreach ((string name, string type, long[] shape, byte[] data) in tensors)
        {
            header.Append(
                $",\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{at},{at + data.Length}]}}"
            );
            at += data.Length;
        }
        byte[] json = Encoding.UTF8.GetBytes(header.Append('}').ToString());
        return [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. tensors.SelectMany(t => t.Data)];
    }

    /// <summary>The tensors of a safetensors file: type, shape and bytes by name.</summary>
    public static Dictionary<string, (string Type, long[] Shape, byte[] Data)> Tensors(byte[] file)
    {
        int length = (int)BitConverter.ToUInt64(file);
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, length));
        return header
            .RootElement.EnumerateObject()
            .Where(t => t.Name != "__metadata__")
            .ToDictionary(
                t => t.Name,
                t =>
                {
                    int[] ends = [.. t.Value.GetProperty("data_offsets").EnumerateArray().Select(o => 8 + length + o.GetInt32())];
                    return (
                        t.Value.GetProperty("dtype").GetString()!,
                        (long[])[.. t.Value.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64())],
                        file[ends[0]..ends[1]]
                    );
                }
            );
    }

    /// <summary>The bytes of a row-major array [N, …] as they lie in Fortran order.</summary>
    public static byte[] Fortran(byte[] data, int size, params int[] shape)
    {
        byte[] turned = new byte[data.Length];
        int[] index = new int[shape.Length];
        for (int from = 0; from < data.Length / size; from++)
        {
            int to = 0;
            for (int d = shape.Length - 1; d >= 0; d--)
                to = to * shape[d] + index[d];
            data.AsSpan(from * size, size).CopyTo(turned.AsSpan(to * size));
            for (int d = shape.Length - 1; d >= 0 && ++index[d] == shape[d]; d--)
                index[d] = 0;
        }
        return turned;
    }
}
