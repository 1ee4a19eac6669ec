// Databases that other programs own: nothing of them changes, what is not whole is one line, and nothing in them is run.
using Gaplab.Numerics;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;
using Microsoft.Data.Sqlite;

namespace Gaplab.Pure.Tests.Import;

public sealed class SqliteFileSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_is_written_beside_it_or_in_it()
    {
        string path = Copy("mlflow.db", "a b;c?d#e%20.db");
        byte[] before = File.ReadAllBytes(path);
        SweepText.IsThisSweep(SweepImport.Read(path));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_transaction_that_changes_the_file_is_one_line_and_one_that_has_not_begun_to_is_none()
    {
        string path = Copy("mlflow.db", "mlflow.db");
        using SqliteConnection writer = Connect(path);
        Run(writer, "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN EXCLUSIVE");
        SweepText.IsThisSweep(SweepImport.Read(path));
        Run(writer, "UPDATE metrics SET value = value + 1; UPDATE params SET value = '0.7' WHERE key = 'optim.lr'");
        Assert.Equal(
            "mlflow.db: a program is writing to it; wait until that has ended, or read a copy made with sqlite3's .backup "
                + "(mlflow.db-journal beside it holds a transaction that has not ended)",
            Assert.Throws<InputException>(() => SweepImport.Read(path)).Message
        );
        Run(writer, "ROLLBACK");
        SweepText.IsThisSweep(SweepImport.Read(path));
    }

    [Fact]
    public void A_change_while_it_is_read_is_one_line()
    {
        string path = Copy("mlflow.db", "mlflow.db");
        using SqliteFile file = SqliteFile.Open(SweepSource.At(path));
        file.Finish();
        using (SqliteConnection writer = Connect(path))
            Run(writer, "UPDATE params SET value = '0.7' WHERE key = 'optim.lr'");
        Assert.Equal(
            "mlflow.db: was changed while it was read; wait until its program has ended, or read a copy",
            Assert.Throws<InputException>(file.Finish).Message
        );
    }

    [Fact]
    public void What_stands_only_in_the_write_ahead_log_is_named()
    {
        string path = Copy("mlflow-ends.db", "mlflow.db");
        using SqliteConnection writer = Connect(path);
        Run(writer, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; DELETE FROM metrics");
        var notes = new ImportNotes();
        SourceTable table = MlflowSqlite.Format.Read(SweepSource.At(path), notes);
        Assert.Contains(table.Rows, r => r.Fields.Contains("1.25"));
        Assert.Equal(
            ("mlflow.db-wal", "changes that are not in the database yet; close the program that writes it, or run its wal_checkpoint"),
            notes.SetAside[0]
        );
    }

    [Fact]
    public void Another_programs_database_is_one_line_with_what_it_holds()
    {
        string path = _folder.File("other.db");
        using (SqliteConnection writer = Connect(path))
            Run(writer, "CREATE TABLE b (x); CREATE TABLE a (x)");
        Assert.Equal(
            "other.db: an SQLite database with the tables a, b; expected MLflow's or Optuna's database, which has a table 'runs'",
            Assert.Throws<InputException>(() => SweepImport.Read(path)).Message
        );
        Assert.False(SweepImport.Recognises(path));
    }

    /// <summary>A view that never ends, and a virtual table, in the place of a table.</summary>
    [Fact]
    public void Views_and_virtual_tables_are_no_tables()
    {
        string path = Copy("mlflow.db", "hostile.db");
        using (SqliteConnection writer = Connect(path))
            Run(
                writer,
                "DROP TABLE metrics; CREATE VIEW metrics AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                    + "SELECT 'val_loss' AS key, i AS value, '0' AS run_uuid FROM n; DROP TABLE params; "
                    + "CREATE VIRTUAL TABLE params USING fts5(key, value, run_uuid)"
            );
        Assert.StartsWith(
            "hostile.db: an SQLite database with the tables ",
            Assert.Throws<InputException>(() => SweepImport.Read(path)).Message
        );
    }

    [Fact]
    public void Half_a_copy_is_one_line()
    {
        byte[] whole = File.ReadAllBytes(Repository.At("tests/golden/tracker-stores/optuna.db"));
        foreach (double part in (double[])[0.01, 0.2, 0.5, 0.9])
        {
            string path = _folder.Write("half.db", whole[..(int)(part * whole.Length)]);
            Assert.StartsWith("half.db: ", Assert.Throws<InputException>(() => SweepImport.Read(path)).Message, StringComparison.Ordinal);
        }
    }

    private string Copy(string store, string name) =>
        _folder.Write(name, File.ReadAllBytes(Repository.At("tests/golden/tracker-stores/" + store)));

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static void Run(SqliteConnection connection, string statements)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Of this file.
        command.CommandText = statements;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
