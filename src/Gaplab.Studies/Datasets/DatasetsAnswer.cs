// The answer of gaplab data list: the public data sets, their sizes and licences, and which are here.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Answers;

namespace Gaplab.Studies.Datasets;

/// <param name="Here">The folder of data sets.</param>
public sealed record DatasetsAnswer(DatasetFolder Here) : IAnswer
{
    public IEnumerable<string> Lines() =>
        DatasetCatalogue.All.Select(d =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{d.Name, -16} {(d.Size is { } size ? ByteSize.Format(size) : "size unknown"), -13} "
                    + $"{(d.Files.All(f => f.Checksum is not null) ? "checksum known" : "trusted at first fetch"), -23} "
                    + $"{(Has(d) ? "here" : "    ")}  {d.Description}; licence: {d.Licence}"
            )
        );

    public JsonNode Json() =>
        AnswerJson.Each(
            DatasetCatalogue.All,
            d => new JsonObject
            {
                ["name"] = d.Name,
                ["description"] = d.Description,
                ["licence"] = d.Licence,
                ["page"] = d.Page,
                ["bytes"] = d.Size,
                ["here"] = Has(d),
                ["files"] = AnswerJson.Each(
                    d.Files,
                    f => new JsonObject
                    {
                        ["name"] = f.Name,
                        ["url"] = f.Url,
                        ["bytes"] = f.Size,
                        ["checksum"] = f.Checksum,
                    }
                ),
            }
        );

    private bool Has(Dataset set) => set.Files.All(f => File.Exists(Here.Of(set, f)));
}
