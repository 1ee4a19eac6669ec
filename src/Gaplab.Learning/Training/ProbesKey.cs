// Names what probes ask, so that an answer to another question is not taken for one.
using System.Security.Cryptography;
using System.Text.Json;
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Training;

/// <summary>The first 16 hex digits of a hash over everything in a <see cref="ProbesSpec"/> but the steps and the list of probes.</summary>
public static class ProbesKey
{
    public static string Of(ProbesSpec spec) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(spec with { Names = [], At = [] }, SpecJson.Options)))[
            ..16
        ];
}
