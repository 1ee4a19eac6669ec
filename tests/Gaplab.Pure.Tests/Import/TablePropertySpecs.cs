// Properties of the readers of tables and histories: whatever writes a table, it reads back; whatever is in a file, one line answers.
using System.Globalization;
using System.Text;
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Import;

public sealed class TablePropertySpecs
{
    private const string Seed = "0000KOIXVCk4";

    /// <summary>How a table is written.</summary>
    private sealed record Writing(char Separator, bool Quoted, string LineEnd, string Encoding, bool Mark, bool DecimalComma);

    private static readonly Gen<Writing> s_writings = Gen.Select(
            Gen.OneOf(',', ';', '\t'),
            Gen.Bool,
            Gen.OneOf("\n", "\r\n", "\r"),
            Gen.OneOf("utf-8", "utf-16", "utf-16BE"),
            Gen.Bool,
            Gen.Bool
        )
        .Select(
            (separator, quoted, end, encoding, mark, comma) =>
                new Writing(separator, quoted, end, encoding, mark, comma && (separator != ',' || quoted))
        );

    /// <summary>Runs with rates and losses of any size, and names with what needs quoting.</summary>
    private static readonly Gen<SweepRow[]> s_rows = Gen.Select(
            Gen.OneOf("sgd", "adam"),
            Gen.Double[1e-6, 10],
            Gen.Int[1, 4096],
            Gen.Int[0, 5],
            Gen.Double[-100, 100],
            Gen.OneOf("wiki", "a b", "né", "x\"y")
        )
        .Select(
            (optimizer, rate, batch, seed, loss, data) =>
                SweepRow.Finished(
                    new ComparisonKey([new("data", data)]),
                    optimizer,
                    SixDigits.Round(rate),
                    batch,
                    seed.ToString(CultureInfo.InvariantCulture),
                    null,
                    loss
                )
        )
        .Array[1, 30];

    /// <summary>Ten digits after the mark and no exponent: three could be thousands.</summary>
    private static string Decimals(double value) => value.ToString("F10", CultureInfo.InvariantCulture);

    private static byte[] Write(SweepRow[] rows, Writing writing)
    {
        string Field(string text) =>
            writing.Quoted || text.Contains('"', StringComparison.Ordinal)
                ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
                : text;
        string Number(double value) => writing.DecimalComma ? Decimals(value).Replace('.', ',') : Decimals(value);
        IEnumerable<string[]> lines =
        [
            ["data", "optimizer", "lr", "batch_size", "seed", "val_loss"],
            .. rows.Select(r =>
                new[]
                {
                    r.Comparison.Pairs[0].Value,
                    r.Optimizer,
                    Number(r.LearningRate!.Value),
                    r.Batch.ToString(CultureInfo.InvariantCulture),
                    r.Seed!,
                    Number(r.Metric),
                }
            ),
        ];
        string csv = string.Concat(lines.Select(l => string.Join(writing.Separator, l.Select(Field)) + writing.LineEnd));
        return SweepText.Bytes(csv, Encoding.GetEncoding(writing.Encoding), writing.Mark);
    }

    [Fact]
    public void A_table_reads_back_however_it_was_written() =>
        Gen.Select(s_rows, s_writings)
            .Sample(
                (rows, writing) =>
                {
                    SweepTable table = SweepText.FromBytes(Write(rows, writing));
                    Assert.Equal(rows.Length, table.Rows.Count);
                    for (int i = 0; i < rows.Length; i++)
                    {
                        SweepRow read = table.Rows[i];
                        Assert.Equal(
                            (rows[i].Comparison, rows[i].Optimizer, rows[i].Batch, rows[i].Seed),
                            (read.Comparison, read.Optimizer, read.Batch, read.Seed)
                        );
                        Assert.Equal(double.Parse(Decimals(rows[i].Metric), CultureInfo.InvariantCulture), read.Metric);
                        Assert.Equal(
                            SixDigits.Round(double.Parse(Decimals(rows[i].LearningRate!.Value), CultureInfo.InvariantCulture)),
                            read.LearningRate
                        );
                    }
                },
                seed: Seed,
                iter: 300,
                threads: 1
            );

    private static void AnswersInALine(byte[] bytes)
    {
        try
        {
            GapAnalysis.Analyse(SweepText.FromBytes(bytes));
        }
        catch (InputException e)
        {
            Assert.InRange(e.Message.Length, 1, 600);
        }
    }

    [Fact]
    public void Any_bytes_are_a_table_or_refused() => Gen.Byte.Array[0, 400].Sample(AnswersInALine, seed: Seed, iter: 2000, threads: 1);

    [Fact]
    public void Any_text_of_a_tables_letters_is_a_table_or_refused() =>
        Gen.OneOf(
                "optimizer",
                "lr",
                "batch",
                "loss",
                "seed",
                "epoch",
                "state",
                "sgd",
                "adam",
                "nan",
                "1",
                "0.1",
                "1,024",
                "1.024",
                ",",
                ",",
                ",",
                ";",
                "\t",
                "\n",
                "\n",
                "\n",
                "\"",
                "-",
                "[1,2]",
                "%",
                "#N/A",
                "e",
                "'",
                " ",
                "\r"
            )
            .Array[0, 120]
            .Sample(
                words => AnswersInALine(Encoding.UTF8.GetBytes("optimizer,lr,batch,loss,epoch,state\n" + string.Concat(words))),
                seed: Seed,
                iter: 2000,
                threads: 1
            );

    [Fact]
    public void A_damaged_table_is_a_table_or_refused() =>
        Gen.Select(s_rows, s_writings, Gen.Select(Gen.Int[0, 1 << 20], Gen.Byte).Array[1, 8], Gen.Int[0, 3])
            .Sample(
                (rows, writing, changes, kind) =>
                {
                    List<byte> bytes = [.. Write(rows, writing)];
                    foreach ((int at, byte value) in changes)
                    {
                        int i = at % bytes.Count;
                        if (kind == 0)
                            bytes[i] = value;
                        else if (kind == 1)
                            bytes.Insert(i, value);
                        else if (kind == 2 && bytes.Count > 1)
                            bytes.RemoveAt(i);
                        else if (kind == 3)
                            bytes.InsertRange(i, bytes.GetRange(i, Math.Min(bytes.Count - i, 40)));
                    }
                    AnswersInALine([.. bytes]);
                },
                seed: Seed,
                iter: 2000,
                threads: 1
            );

    [Fact]
    public void The_order_of_rows_and_columns_does_not_matter_where_runs_are_named()
    {
        string[][] table = [.. Long(id: true)],
            seeds = [.. Long(id: false)];
        string plain = Numbers(table),
            bySeed = Numbers(seeds);
        Gen.Select(
                Gen.Shuffle(Enumerable.Range(1, table.Length - 1).ToArray()),
                Gen.Shuffle(Enumerable.Range(0, table[0].Length).ToArray())
            )
            .Sample(
                (rows, columns) =>
                    Assert.Equal(plain, Numbers([.. new[] { 0 }.Concat(rows).Select(r => columns.Select(c => table[r][c]).ToArray())])),
                seed: Seed,
                iter: 15,
                threads: 1
            );
        Gen.Select(
                Gen.Shuffle(Enumerable.Range(1, seeds.Length - 1).ToArray()),
                Gen.Shuffle(Enumerable.Range(0, seeds[0].Length).ToArray())
            )
            .Sample(
                (rows, columns) =>
                    Assert.Equal(bySeed, Numbers([.. new[] { 0 }.Concat(rows).Select(r => columns.Select(c => seeds[r][c]).ToArray())])),
                seed: Seed,
                iter: 15,
                threads: 1
            );
    }

    /// <summary>Three epochs of each run, with ids and no seeds or with seeds and no ids.</summary>
    private static IEnumerable<string[]> Long(bool id)
    {
        yield return [id ? "run_id" : "seed", "optimizer", "lr", "batch_size", "epoch", "val_loss", "state"];
        int run = 0;
        foreach (TextRun r in SweepText.Runs)
        {
            run++;
            foreach (int epoch in new[] { 1, 2, 3 })
                yield return
                [
                    id ? $"{run}" : $"{r.Seed}",
                    r.Optimizer,
                    r.Rate,
                    $"{r.Batch}",
                    $"{epoch}",
                    string.Create(CultureInfo.InvariantCulture, $"{r.Loss + (3 - epoch) * 0.2:0.0000}"),
                    "finished",
                ];
        }
    }

    /// <summary>The analysis without the lines of the file from which its numbers come.</summary>
    private static string Numbers(string[][] table)
    {
        GapAnalysis analysis = GapAnalysis.Analyse(
            SweepText.FromBytes(Encoding.UTF8.GetBytes(string.Join('\n', table.Select(r => string.Join(',', r)))))
        );
        return string.Join('\n', analysis.ToLines());
    }

    [Fact]
    public void A_history_reads_back_and_any_text_is_a_history_or_none()
    {
        Gen<double> values = Gen.OneOf(Gen.Double, Gen.OneOf(double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0));
        Gen.Select(values, Gen.Int[0, 3])
            .Array[0, 50]
            .Sample(
                items =>
                {
                    string text = $"[{string.Join(", ", items.Select(i => Written(i.Item1, i.Item2)))}]";
                    Assert.Equal(items.Where(i => i.Item2 != 2).Select(i => i.Item1), HistoryLiteral.Parse(text));
                },
                seed: Seed,
                iter: 500,
                threads: 1
            );
        Gen.OneOf("[", "]", ",", "nan", "None", "np.float64(", ")", "1.5", "-", "inf", " ", "[[", "\n", "e9")
            .Array[0, 40]
            .Sample(words => HistoryLiteral.Parse(string.Concat(words))?.ToString(), seed: Seed, iter: 2000, threads: 1);

        static string Written(double value, int form)
        {
            string text = value.ToString("R", CultureInfo.InvariantCulture);
            return form switch
            {
                1 => $"np.float64({text})",
                2 => "None",
                3 => $" {text.ToLowerInvariant().Replace("infinity", "inf", StringComparison.Ordinal)} ",
                _ => text,
            };
        }
    }
}
