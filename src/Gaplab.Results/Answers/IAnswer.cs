// What a command found, in the forms in which it can be asked for.
using System.Text.Json.Nodes;

namespace Gaplab.Results.Answers;

/// <summary>An answer, made beside what it shows: lines for people and one JSON document for programs.</summary>
/// <remarks>One that has a page besides says so by its type (<c>IPagedAnswer</c>). Who gives it adds what is not part of it: the program's
/// version, what of the stores behind it was damaged.</remarks>
public interface IAnswer
{
    /// <summary>The lines for a terminal, without line ends, colours or mark-up.</summary>
    IEnumerable<string> Lines();

    /// <summary>The document: an object, or an array where the answer is a list. Numbers that are not finite are null or named.</summary>
    JsonNode Json();
}
