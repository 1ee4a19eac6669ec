// Walks through Thrift's compact protocol, in which Parquet keeps what it says of itself, without keeping anything.

namespace Gaplab.Results.Wire;

/// <summary>A message's claims beside its bytes: a text, list or map may not have more elements than there are bytes left, each taking at
/// least one. Readers make room for what is claimed before they read it.</summary>
internal ref struct CompactThrift(ReadOnlySpan<byte> bytes)
{
    private const int MostLevels = 64;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Bytes of the first message, with the whole numbers among its outermost fields.</summary>
    /// <param name="numbers">Told every such field: its number and value; null: nobody is told.</param>
    /// <returns>Null where the bytes are no message or claim more than they hold.</returns>
    public static int? Length(ReadOnlySpan<byte> bytes, Action<int, long>? numbers = null)
    {
        var walk = new CompactThrift(bytes);
        return walk.Struct(0, numbers) ? walk._at : null;
    }

    private bool Struct(int level, Action<int, long>? numbers)
    {
        if (level > MostLevels)
            return false;
        int field = 0;
        while (Byte() is { } header)
        {
            if (header == 0)
                return true;
            if (header >> 4 > 0)
                field += header >> 4;
            else if (ZigZag() is { } number)
                field = (int)number;
            else
                return false;
            // A truth value is its own type.
            if ((header & 15) is 1 or 2)
                continue;
            if ((header & 15) is 4 or 5 or 6)
            {
                if (ZigZag() is not { } value)
                    return false;
                numbers?.Invoke(field, value);
            }
            else if (!Value(header & 15, level))
                return false;
        }
        return false;
    }

    private bool Value(int type, int level) =>
        type switch
        {
            1 or 2 or 3 => Byte() is not null,
            4 or 5 or 6 => ZigZag() is not null,
            7 => Skip(sizeof(double)),
            8 => Varint() is { } length && Skip(length),
            9 or 10 => List(level),
            11 => Map(level),
            12 => Struct(level + 1, null),
            13 => Skip(16),
            _ => false,
        };

    private bool List(int level)
    {
        if (Byte() is not { } header)
            return false;
        ulong count = (ulong)(header >> 4);
        if (count == 15)
        {
            if (Varint() is not { } many)
                return false;
            count = many;
        }
        if (count > (ulong)(_bytes.Length - _at) || level > MostLevels)
            return false;
        for (ulong i = 0; i < count; i++)
            if (!Value(header & 15, level + 1))
                return false;
        return true;
    }

    private bool Map(int level)
    {
        if (Varint() is not { } count || count > (ulong)(_bytes.Length - _at) || level > MostLevels)
            return false;
        if (count == 0)
            return true;
        if (Byte() is not { } types)
            return false;
        for (ulong i = 0; i < count; i++)
            if (!Value(types >> 4, level + 1) || !Value(types & 15, level + 1))
                return false;
        return true;
    }

    private int? Byte() => _at < _bytes.Length ? _bytes[_at++] : null;

    private bool Skip(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _at))
            return false;
        _at += (int)count;
        return true;
    }

    private long? ZigZag() => Varint() is { } value ? (long)(value >> 1) ^ -(long)(value & 1) : null;

    private ulong? Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64 && Byte() is { } part; shift += 7)
        {
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
                return value;
        }
        return null;
    }
}
