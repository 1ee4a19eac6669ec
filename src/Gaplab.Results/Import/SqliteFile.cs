// An SQLite database of another program, opened so that nothing of it changes and nothing in it is run.
using System.Globalization;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gaplab.Results.Import;

/// <summary>Reads whole tables, row after row in the order they were written.</summary>
/// <remarks>
/// The file is opened read-only and immutable: no lock is taken, no journal or index is made beside it. What such a reader could get
/// wrong is asked before and after: a transaction that has begun to change the file leaves a rollback journal with its mark, and one that
/// has ended has changed the file's stamp. Only tables that are stored as such are read, without conditions and without order: views and
/// virtual tables, which could be programs, are no tables here.
/// </remarks>
internal sealed class SqliteFile : IDisposable
{
    /// <summary>Rows of one table, and characters of all texts that are read.</summary>
    private const long MostRows = 1 << 24,
        MostText = 1L << 28;

    /// <summary>Bytes of one text.</summary>
    private const int LongestText = 1 << 24;

    private const int LimitLength = 0;

    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly byte[] _stamp;
    private readonly Dictionary<string, HashSet<string>> _tables = new(StringComparer.OrdinalIgnoreCase);
    private long _text;

    private SqliteFile(SweepSource source)
    {
        (_path, Name) = (source.Path, source.Name);
        RefuseTransaction();
        _stamp = Stamp();
        _connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = new Uri(System.IO.Path.GetFullPath(_path)).AbsoluteUri + "?immutable=1",
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ConnectionString
        );
    }

    public string Name { get; }

    /// <summary>The names of the tables that are stored as such.</summary>
    public IEnumerable<string> Tables => _tables.Keys;

    /// <summary>Whether the first bytes are those of such a database.</summary>
    public static bool IsOne(SweepSource source) => !source.IsFolder && source.Head.AsSpan().StartsWith("SQLite format 3\0"u8);

    /// <summary>Whether it is such a database with these tables; one that cannot be opened has none.</summary>
    public static bool Has(SweepSource source, params string[] tables)
    {
        if (!IsOne(source))
            return false;
        try
        {
            using SqliteFile file = Open(source);
            return tables.All(file._tables.ContainsKey);
        }
        catch (InputException)
        {
            return false;
        }
    }

    /// <exception cref="InputException">It is damaged, or a program is in the middle of changing it: one line.</exception>
    public static SqliteFile Open(SweepSource source)
    {
        var file = new SqliteFile(source);
        try
        {
            file.Guard(file.Begin);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Notes what has been written to it and does not stand in it yet.</summary>
    public void TellPending(ImportNotes notes)
    {
        if (new FileInfo(_path + "-wal") is { Exists: true, Length: > 0 })
            notes.SetAside.Add(
                (Name + "-wal", "changes that are not in the database yet; close the program that writes it, or run its wal_checkpoint")
            );
    }

    /// <summary>Whether a table has a column.</summary>
    public bool Has(string table, string column) => _tables.TryGetValue(table, out HashSet<string>? columns) && columns.Contains(column);

    /// <exception cref="InputException">A table or a column is not there: another program's database, or another version's.</exception>
    public void Need(string what, params (string Table, string[] Columns)[] needed)
    {
        foreach ((string table, string[] columns) in needed)
        {
            if (!_tables.ContainsKey(table))
                throw new InputException(
                    $"{Name}: an SQLite database {List()}; expected {what}, which has a table "
                        + $"'{table}'{(File.Exists(_path + "-wal") ? $"; {Name}-wal beside it is not read" : "")}"
                );
            if (Array.Find(columns, c => !Has(table, c)) is { } missing)
                throw new InputException(
                    $"{Name}: its table '{table}' has no column '{missing}'; expected {what} in a version that Gaplab knows"
                        + $"{Version()}: export its runs as CSV instead"
                );
        }

        string List() =>
            _tables.Count == 0 ? "without tables" : "with the tables " + Shown.List(_tables.Keys.Order(StringComparer.Ordinal), 3);
    }

    /// <summary>The version that a migration has left, for messages.</summary>
    private string Version() =>
        Has("alembic_version", "version_num") && Rows("alembic_version", "version_num").FirstOrDefault() is [string version, ..]
            ? $" (this one's schema is {SourceTable.Shown(version)})"
            : "";

    /// <summary>Every row of a table: texts, whole numbers (long), numbers (double), and null for nothing and for what is neither. Of a
    /// column that is not there, nulls. The array is that of the next row too.</summary>
    public IEnumerable<object?[]> Rows(string table, params string[] columns)
    {
        int[] there = [.. Enumerable.Range(0, columns.Length).Where(c => Has(table, columns[c]))];
        if (there.Length == 0)
            yield break;
        using SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // The names are those of our own sources.
        command.CommandText = $"SELECT {string.Join(", ", there.Select(c => $"\"{columns[c]}\""))} FROM \"{table}\"";
#pragma warning restore CA2100
        using SqliteDataReader reader = Guard(command.ExecuteReader);
        object?[] row = new object?[columns.Length];
        Func<bool> next = () =>
        {
            if (!reader.Read())
                return false;
            for (int i = 0; i < there.Length; i++)
                row[there[i]] = Value(reader, i);
            return true;
        };
        for (long count = 0; Guard(next); count++)
        {
            if (count == MostRows)
                throw new InputException($"{Name}: more than {MostRows} rows in its table '{table}'");
            yield return row;
        }
    }

    private object? Value(SqliteDataReader reader, int column)
    {
        switch (raw.sqlite3_column_type(reader.Handle!, column))
        {
            case raw.SQLITE_INTEGER:
                return reader.GetInt64(column);
            case raw.SQLITE_FLOAT:
                return reader.GetDouble(column);
            case raw.SQLITE_TEXT:
                string text = reader.GetString(column);
                _text += text.Length;
                return _text <= MostText
                    ? text
                    : throw new InputException($"{Name}: more than {MostText} characters of text in its tables");
            default:
                return null;
        }
    }

    /// <exception cref="InputException">It was changed while it was read.</exception>
    public void Finish()
    {
        RefuseTransaction();
        if (!Stamp().AsSpan().SequenceEqual(_stamp))
            throw new InputException($"{Name}: was changed while it was read; wait until its program has ended, or read a copy");
    }

    public void Dispose() => _connection.Dispose();

    private bool Begin()
    {
        _connection.Open();
        raw.sqlite3_limit(_connection.Handle!, LimitLength, LongestText);
        foreach (string pragma in (string[])["trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "query_only=ON"])
            Execute($"PRAGMA {pragma}");
        var names = new List<string>();
        using (SqliteCommand command = _connection.CreateCommand())
        {
            // What has no page of its own is a view or a virtual table.
            command.CommandText = "SELECT name, rootpage FROM sqlite_master WHERE type = 'table' LIMIT 10000";
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
                if (!reader.IsDBNull(0) && !reader.IsDBNull(1) && reader.GetInt64(1) > 0)
                    names.Add(reader.GetString(0));
        }
        foreach (string name in names)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = "SELECT name FROM pragma_table_info($table) LIMIT 10000";
            command.Parameters.AddWithValue("$table", name);
            using SqliteDataReader reader = command.ExecuteReader();
            var columns = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            while (reader.Read())
                columns.Add(reader.GetString(0));
            _tables[name] = columns;
        }
        return true;
    }

    private void Execute(string statement)
    {
        using SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // Of this file.
        command.CommandText = statement;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException e)
        {
            throw new InputException(
                e.SqliteErrorCode switch
                {
                    raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Busy,
                    raw.SQLITE_TOOBIG => $"{Name}: a text of more than {LongestText} bytes; expected a database of runs",
                    _ => $"{Name}: cannot be read as an SQLite database: {Shown.Line(e.Message, 120)}; is it a whole copy?",
                },
                e
            );
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidCastException or ArgumentException)
        {
            throw new InputException($"{Name}: is damaged: {Shown.Line(e.Message, 120)}; is it a whole copy?", e);
        }
    }

    private string Busy => $"{Name}: a program is writing to it; wait until that has ended, or read a copy made with sqlite3's .backup";

    /// <summary>A rollback journal gets its mark before the first page of the database is changed, and loses it when the change is
    /// whole.</summary>
    private void RefuseTransaction()
    {
        string journal = _path + "-journal";
        if (!File.Exists(journal))
            return;
        byte[] mark = RegularFile.ReadStart(journal, 8, FileLimit.Table);
        if (mark.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]))
            throw new InputException(Busy + $" ({Name}-journal beside it holds a transaction that has not ended)");
    }

    /// <summary>The header, with its counter of changes, the length and the time of the last change.</summary>
    private byte[] Stamp()
    {
        var file = new FileInfo(_path);
        return
        [
            .. RegularFile.ReadStart(_path, 100, FileLimit.Table),
            .. Encoding.ASCII.GetBytes(
                file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}") : ""
            ),
        ];
    }
}
