// Optuna's storages: choices by their index, ends of trials, versions, torn journals; held against Optuna's own words for them.
using System.Globalization;
using System.Text.Json;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;
using Microsoft.Data.Sqlite;

namespace Gaplab.Pure.Tests.Import;

public sealed class OptunaSpecs : IDisposable
{
    private const string Float = """{\"name\": \"FloatDistribution\", \"attributes\": {\"low\": 0.0, \"high\": 1.0}}""";

    private const string Ended = "{\"op_code\": 6,";

    private const string Whole = """{\"name\": \"IntDistribution\", \"attributes\": {\"low\": 1, \"high\": 64}}""";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Stores => ["optuna-ends.db", "optuna-ends.journal"];

    /// <summary>What the maker told Optuna, and Optuna wrote: a choice of None, True and "both" among it.</summary>
    [Theory]
    [MemberData(nameof(Stores))]
    public void Trials_end_as_they_did_and_choices_are_what_was_chosen(string store)
    {
        (SourceTable table, ImportNotes notes) = Table(Repository.At("tests/golden/tracker-stores/" + store));
        Assert.Equal([("study sweep, trial 5", "WAITING, without parameters and values")], notes.SetAside);
        Assert.Equal(["DIVERGED", "PRUNED", "RUNNING", "FAIL", "COMPLETE"], Column(table, "state"));
        Assert.Equal(["1", "0.5", "0.25", "0.125", "0.0625"], Column(table, "params.lr"));
        Assert.Equal(["adam", "adam", "adam", "adam", "adam"], Column(table, "params.optimizer"));
        Assert.Equal(["64", "64", "64", "64", "64"], Column(table, "params.batch_size"));
        Assert.Equal(["3", "3", "3", "3", "3"], Column(table, "params.seed"));
        Assert.Equal(["", "true", "both", "", ""], Column(table, "params.nesterov"));
        Assert.Equal(["[2, NaN]", "[1.6]", "[1.5]", "", ""], Column(table, "intermediate_values"));
        Assert.Equal(["200", "100", "100", "", ""], Column(table, "step"));
        Assert.Equal("Infinity", Column(table, "value")[4]);
        Assert.Equal(["0", "1", "2", "3", "4"], Column(table, "number"));
        Assert.True(table.HigherIsBetter["value"]);
        Assert.Equal("trial 4", table.Rows[4].Where);
    }

    [Fact]
    public void The_journal_and_the_database_of_one_sweep_are_one_table()
    {
        (SourceTable database, _) = Table(Repository.At("tests/golden/tracker-stores/optuna.db"));
        (SourceTable journal, _) = Table(Repository.At("tests/golden/tracker-stores/optuna.journal"));
        foreach (string column in database.Header.Where(h => h != "trial_id"))
            Assert.Equal(Column(database, column), Column(journal, column));
        Assert.Equal(SweepText.Runs.Count, journal.Rows.Count);
        Assert.All(Column(journal, "study.data"), v => Assert.Equal("toy", v));
        Assert.All(Column(journal, "user_attrs.device"), v => Assert.Equal("cpu", v));
    }

    [Fact]
    public void The_direction_of_a_study_is_not_guessed()
    {
        string journal = Journal(Study("a", 2), [.. Trial(0, "0.1", "1.5")]);
        Assert.Equal(
            "study.log: the runs were to make 'value' large; say --maximize, or --minimize if less is better",
            Assert.Throws<InputException>(() => SweepImport.Read(journal, Mapped)).Message
        );
        SweepTable table = SweepImport.Read(journal, Mapped with { HigherIsBetter = true });
        Assert.DoesNotContain(table.Findings!, f => f.Id == "metric-direction");
        table = SweepImport.Read(Journal(Study("a", 1), [.. Trial(0, "0.1", "1.5")]), Mapped);
        Assert.DoesNotContain(table.Findings!, f => f.Id == "metric-direction");
        Assert.Empty(table.Caveats);
        table = SweepImport.Read(Journal(Study("a", 1), [.. Trial(0, "0.1", "1.5")]), Mapped with { HigherIsBetter = true });
        Assert.Contains("to make 'value' small, yet higher", Assert.Single(table.Findings!, f => f.Id == "metric-direction").Message);
    }

    [Fact]
    public void Studies_that_go_opposite_ways_have_columns_of_their_own_and_objectives_their_names()
    {
        (SourceTable table, _) = Table(
            Journal(
                Study("a", 1),
                Study("b", 2),
                Op(3, """ "study_id": 1, "system_attr": {"study:metric_names": ["accuracy"]} """),
                [.. Trial(0, "0.1", "1.5"), .. Trial(1, "0.1", "0.9", study: 1)]
            )
        );
        Assert.Equal(["1.5", ""], Column(table, "value"));
        Assert.Equal(["", "0.9"], Column(table, "accuracy"));
        Assert.Equal((false, true), (table.HigherIsBetter["value"], table.HigherIsBetter["accuracy"]));
        Assert.Equal("study b, trial 0", table.Rows[1].Where);
        SweepTable apart = SweepImport.Read(_folder.File("study.log"), Mapped with { Metric = "value", Blank = BlankMetric.Missing });
        Assert.Equal(["a", "b"], apart.Rows.Select(r => r.Comparison.Pairs.Single().Value));

        (table, _) = Table(Journal(Study("a", 1), Study("b", 2), [.. Trial(0, "0.1", "1.5"), .. Trial(1, "0.1", "0.9", study: 1)]));
        Assert.Equal(["1.5", ""], Column(table, "value.minimize"));
        Assert.Equal(["", "0.9"], Column(table, "value.maximize"));

        (table, _) = Table(Journal(Op(0, """ "study_name": "m", "directions": [1, 2] """), [.. Trial(0, "0.1", "1.5, 0.9")]));
        Assert.Equal(["1.5"], Column(table, "values_0"));
        Assert.Equal(["0.9"], Column(table, "values_1"));
    }

    [Fact]
    public void What_comes_after_a_trials_end_or_a_studys_deletion_does_not_count()
    {
        (SourceTable table, ImportNotes notes) = Table(
            Journal(
                Study("gone", 1),
                Study("kept", 1),
                Study("kept", 2),
                [
                    .. Trial(0, "0.5", "9"),
                    .. Trial(1, "0.1", "1.5", study: 1),
                    Op(6, """ "trial_id": 1, "state": 3, "values": [7] """),
                    Op(7, """ "trial_id": 1, "step": 5, "intermediate_value": NaN """),
                    Op(8, """ "trial_id": 1, "user_attr": {"late": 1} """),
                    Op(1, """ "study_id": 0 """),
                    Op(6, """ "trial_id": 0, "state": 1, "values": [8] """),
                ]
            )
        );
        Assert.Equal(["1.5"], Column(table, "value"));
        Assert.Equal(["COMPLETE"], Column(table, "state"));
        Assert.DoesNotContain("user_attrs.late", table.Header);
        Assert.False(table.HigherIsBetter["value"]);
        Assert.Equal([("study 'gone'", "deleted in Optuna, with 1 trials")], notes.SetAside);
    }

    [Fact]
    public void A_torn_end_is_set_aside_and_a_torn_line_within_only_where_no_number_hangs_on_it()
    {
        string[] lines = [Study("a", 1), .. Trial(0, "0.1", "1.5"), .. Trial(1, "0.2", "1.6")];
        string whole = string.Concat(lines.Select(l => l + "\n"));
        for (int cut = whole.Length - lines[^1].Length; cut < whole.Length - 1; cut += 7)
        {
            (SourceTable table, ImportNotes notes) = Table(_folder.Write("study.log", whole[..cut]));
            Assert.Equal(["COMPLETE", "RUNNING"], Column(table, "state"));
            Assert.Equal([($"line {lines.Length}", "cut off in the middle, at the end of the file")], notes.SetAside);
        }

        // A killed process leaves no line end, and another one goes on in the same line.
        (SourceTable merged, ImportNotes said) = Table(Journal([.. lines[..^1], Op(7, "")[..25] + lines[^1], .. Trial(2, "0.3", "1.7")]));
        Assert.Equal(["1.5", "1.6", "1.7"], Column(merged, "value"));
        Assert.Equal([($"line {lines.Length}", "cut off in the middle")], said.SetAside);

        foreach (string torn in (string[])[lines[1][..30], lines[0][..20], "{\"op_", "\0\0\0\0"])
            Assert.StartsWith(
                "study.log, line 4: not one whole operation of Optuna, and it may have made a study or a trial",
                Assert.Throws<InputException>(() => Table(Journal([.. lines[..3], torn, .. lines[3..]]))).Message,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void Journals_that_are_none_are_one_line()
    {
        Assert.Equal(
            "study.log: holds 1 studies of Optuna and no trials with parameters or values",
            Assert.Throws<InputException>(() => Table(Journal([Study("a", 1)]))).Message
        );
        Assert.StartsWith(
            "study.log, line 2: an operation 10, which no version of Optuna up to 4 has; ",
            Assert.Throws<InputException>(() => Table(Journal([Study("a", 1), Op(10, """ "study_id": 0 """)]))).Message
        );
        Assert.Equal(
            "study.log, line 2: not an operation of Optuna: a key is missing or of another kind",
            Assert.Throws<InputException>(() => Table(Journal([Study("a", 1), Op(6, """ "trial_id": "x" """)]))).Message
        );
    }

    /// <summary>A parameter of a kind that is not known has no value: an index of 0 is not the batch size 0.</summary>
    [Fact]
    public void A_parameter_of_an_unknown_kind_or_beyond_its_choices_is_set_aside()
    {
        string future = Float.Replace("Float", "Quantum", StringComparison.Ordinal),
            choice = """{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [16, 64]}}""";
        (SourceTable table, ImportNotes notes) = Table(
            Journal(
                Study("a", 1),
                Op(4, """ "study_id": 0, "datetime_start": null """),
                Op(5, $""" "trial_id": 0, "param_name": "q", "param_value_internal": 0, "distribution": "{future}" """),
                Op(5, $""" "trial_id": 0, "param_name": "batch", "param_value_internal": 2, "distribution": "{choice}" """),
                Op(5, $""" "trial_id": 0, "param_name": "bs", "param_value_internal": 1, "distribution": "{choice}" """),
                []
            )
        );
        Assert.Equal(["64"], Column(table, "params.bs"));
        Assert.DoesNotContain("params.q", table.Header);
        Assert.Equal(["line 3, parameter 'q'", "line 4, parameter 'batch'"], notes.SetAside.Select(s => s.Where));
        Assert.StartsWith("its distribution is not known: {\"name\": \"Quantum", notes.SetAside[0].Why);
    }

    [Fact]
    public void Rates_of_a_sampler_are_said_to_be_no_grid()
    {
        string[] Of(Func<int, string> rate) => [.. Enumerable.Range(0, 9).SelectMany(i => Trial(i, rate(i), "1"))];
        (_, ImportNotes sampled) = Table(Journal([Study("a", 1), .. Of(i => $"0.{i + 1}")]));
        Assert.Equal(["'lr' was sampled, not a grid"], sampled.Caveats);
        (_, ImportNotes grid) = Table(Journal([Study("a", 1), .. Of(i => $"0.{i % 3 + 1}")]));
        Assert.Empty(grid.Caveats);
    }

    /// <summary>Databases of Optuna 0.9 and 2.6, by the columns that they had.</summary>
    [Fact]
    public void Older_tables_are_read_by_their_columns()
    {
        string old = Database(
            "CREATE TABLE studies (study_id INTEGER, study_name TEXT, direction TEXT); INSERT INTO studies VALUES (1, 's', 'MAXIMIZE')",
            "CREATE TABLE trials (trial_id INTEGER, study_id INTEGER, state TEXT, value FLOAT)",
            "INSERT INTO trials VALUES (1, 1, 'COMPLETE', 0.75)",
            "CREATE TABLE trial_values (trial_value_id INTEGER, trial_id INTEGER, step INTEGER, value FLOAT)",
            "INSERT INTO trial_values VALUES (1, 1, 3, 0.5), (2, 1, 4, NULL)",
            "CREATE TABLE trial_params (param_id INTEGER, trial_id INTEGER, param_name TEXT, param_value FLOAT, distribution_json TEXT)",
            """INSERT INTO trial_params VALUES (1, 1, 'lr', 0.1, '{"name": "LogUniformDistribution", "attributes": {"low": 0.01}}')"""
        );
        (SourceTable table, _) = Table(old);
        Assert.Equal(["0.75"], Column(table, "value"));
        Assert.Equal(["[0.5, NaN]"], Column(table, "intermediate_values"));
        Assert.Equal(["0"], Column(table, "number"));
        Assert.Equal(["0.1"], Column(table, "params.lr"));
        Assert.True(table.HigherIsBetter["value"]);
    }

    [Fact]
    public void A_newer_schema_is_one_line_with_both_versions()
    {
        string path = _folder.Write("new.db", File.ReadAllBytes(Repository.At("tests/golden/tracker-stores/optuna-ends.db")));
        Change(path, "UPDATE version_info SET schema_version = 13, library_version = '5.1.0'");
        Assert.Equal(
            "new.db: was written by Optuna 5.1.0 with schema 13; expected one up to 12: export it by "
                + "study.trials_dataframe().to_csv(\"trials.csv\")",
            Assert.Throws<InputException>(() => Table(path)).Message
        );
        Change(path, "UPDATE version_info SET schema_version = 12; ALTER TABLE trial_params RENAME COLUMN param_value TO worth");
        Assert.Equal(
            "new.db: its table 'trial_params' has no column 'param_value'; expected MLflow's or Optuna's database in a version that Gaplab "
                + "knows (this one's schema is v3.0.0.d): export its runs as CSV instead",
            Assert.Throws<InputException>(() => Table(path)).Message
        );
    }

    /// <summary>Optuna's own database and journal of its tests, read by the rules that its documents give.</summary>
    [Fact]
    public void Optunas_own_storages_give_the_values_that_its_sqlite_holds()
    {
        string path = TestFolder.RealData("trackers/optuna/3.2.0.a.db"),
            log = TestFolder.RealData("trackers/optuna/4.0.0.dev.log");
        (SourceTable table, ImportNotes notes) = Table(path);
        Assert.Empty(notes.SetAside);
        Assert.Equal($"{table.Rows.Count}", Ask(path, "SELECT count(*) FROM trials").Single());
        Assert.Equal(
            Ask(path, "SELECT study_name FROM trials JOIN studies USING (study_id) ORDER BY trial_id"),
            Column(table, "optuna.study")
        );
        Assert.Equal(
            Ask(
                path,
                "SELECT json_extract(distribution_json, '$.attributes.choices[' || CAST(param_value AS INTEGER) || ']') FROM trial_params "
                    + "WHERE param_name = 'z' ORDER BY trial_id"
            ),
            Column(table, "params.z").Where(z => z.Length > 0)
        );
        Assert.Equal(
            Ask(path, "SELECT param_value FROM trial_params WHERE param_name = 'x' ORDER BY trial_id"),
            Column(table, "params.x").Where(x => x.Length > 0)
        );

        (SourceTable journal, ImportNotes said) = Table(log);
        Assert.Empty(said.SetAside);
        Assert.Equal(10, journal.Rows.Count);
        Assert.Equal("-3.501992262914262", Column(journal, "params.x")[0]);
        Assert.Equal("0", Column(journal, "params.z")[0]);
        Assert.All(Column(journal, "state"), s => Assert.Equal("COMPLETE", s));
        // An independent reading: the values of the operation that ended the trial.
        foreach (string line in File.ReadLines(log).Where(l => l.StartsWith(Ended)))
        {
            using var operation = JsonDocument.Parse(line);
            string[] values = [.. operation.RootElement.GetProperty("values").EnumerateArray().Select(v => v.GetRawText())];
            string[] row = journal.Rows[operation.RootElement.GetProperty("trial_id").GetInt32()].Fields;
            string[] columns = values.Length == 1 ? ["value"] : [.. values.Select((_, i) => $"values_{i}")];
            Assert.Equal(
                values.Select(v => double.Parse(v, CultureInfo.InvariantCulture)),
                columns.Select(c => double.Parse(row[journal.Column(c)], CultureInfo.InvariantCulture))
            );
        }
    }

    [Fact]
    public void Hostile_journals_are_a_table_or_one_line()
    {
        string[] lines = [Study("a", 1), .. Trial(0, "0.1", "1.5"), .. Trial(1, "0.2", "1.6")];
        string[] pieces =
        [
            "\"trial_id\": 0",
            "-1",
            "1e999",
            "null",
            "[]",
            "{}",
            "\"\\ud800\"",
            "9999999999999",
            "NaN",
            "{\"op_code\": 6,",
            "\n",
        ];
        FixedSeeds.Check(
            Gen.Select(Gen.Int[0, lines.Length - 1], Gen.Double[0, 1], FixedSeeds.OneOf(pieces), Gen.Int[0, 12]).Array[1, 4],
            500,
            damages =>
            {
                string[] changed = [.. lines];
                foreach ((int line, double at, string piece, int length) in damages)
                {
                    int from = (int)(at * changed[line].Length);
                    changed[line] = changed[line][..from] + piece + changed[line][Math.Min(changed[line].Length, from + length)..];
                }
                try
                {
                    var notes = new ImportNotes();
                    Assert.NotEmpty(OptunaJournal.Parse(string.Join('\n', changed), "study.log", notes).Rows);
                }
                catch (InputException e)
                {
                    Assert.DoesNotContain('\n', e.Message);
                }
            }
        );
    }

    private static ImportOptions Mapped { get; } = new() { Optimizer = "sgd" };

    private static (SourceTable Table, ImportNotes Notes) Table(string path)
    {
        var notes = new ImportNotes();
        SweepSource source = SweepSource.At(path);
        return (SweepFormats.Of(source, SweepFormats.All).Read(source, notes), notes);
    }

    private static string[] Column(SourceTable table, string name) => [.. table.Rows.Select(r => r.Fields[table.Column(name)])];

    private string Journal(params string[] lines) => _folder.Write("study.log", string.Concat(lines.Select(l => l + "\n")));

    private string Journal(string study, string[] lines) => Journal([study, .. lines]);

    private string Journal(string a, string b, string[] lines) => Journal([a, b, .. lines]);

    private string Journal(string a, string b, string c, string[] lines) => Journal([a, b, c, .. lines]);

    private string Journal(string a, string b, string c, string d, string e, string[] lines) => Journal([a, b, c, d, e, .. lines]);

    private static string Op(int code, string rest) => $$"""{"op_code": {{code}}, "worker_id": "w-1",{{rest}}}""";

    private static string Study(string name, int direction) => Op(0, $""" "study_name": "{name}", "directions": [{direction}] """);

    private static string[] Trial(int id, string rate, string values, int study = 0) =>
        [
            Op(4, $""" "study_id": {study}, "datetime_start": "2024-06-07T17:27:27.682770" """),
            Op(5, $""" "trial_id": {id}, "param_name": "lr", "param_value_internal": {rate}, "distribution": "{Float}" """),
            Op(5, $""" "trial_id": {id}, "param_name": "batch", "param_value_internal": 16, "distribution": "{Whole}" """),
            Op(6, $""" "trial_id": {id}, "state": 1, "values": [{values}], "datetime_complete": "2024-06-07T17:27:27.682770" """),
        ];

    private string Database(params string[] statements)
    {
        string path = _folder.File("made.db");
        Change(path, string.Join(';', statements));
        return path;
    }

    private static void Change(string path, string statements)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = statements;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static string[] Ask(string path, string question)
    {
        using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=false");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = question;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        var answers = new List<string>();
        while (reader.Read())
            answers.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        return [.. answers];
    }
}
