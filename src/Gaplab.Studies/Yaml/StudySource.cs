// Where a study's text comes from: the file's YAML tree with overrides from the command line laid over it.
using Gaplab.Numerics;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Yaml;

/// <summary>A parsed study file; knows of every node whether the file (with its line) or an override wrote it.</summary>
internal sealed class StudySource
{
    private readonly Dictionary<YamlNode, string> _overridden = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<YamlNode, YamlNode> _copied = new(ReferenceEqualityComparer.Instance);
    private readonly string _path,
        _folder;

    private StudySource(string path, YamlMappingNode root, Catalogues catalogues)
    {
        (_path, Root, Catalogues) = (path, root, catalogues);
        _folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) ?? "/";
    }

    public YamlMappingNode Root { get; }

    /// <summary>The study file's.</summary>
    public string Folder => _folder;

    /// <summary>What it can name.</summary>
    public Catalogues Catalogues { get; }

    /// <exception cref="InputException">Not YAML, not a mapping, or an override that is no key=value.</exception>
    public static StudySource Parse(string path, string text, Catalogues catalogues, IReadOnlyList<string> overrides)
    {
        YamlNode root =
            YamlText.Parse(text, (line, what) => new InputException($"{path}:{line}: {what}"))
            ?? throw new InputException($"{path}: the study is empty; see docs/study.md");
        var source = new StudySource(
            path,
            root as YamlMappingNode
                ?? throw new InputException(
                    $"{path}:{root.Start.Line}: the study is no mapping; expected keys such as 'task:' and 'optimizers:'"
                ),
            catalogues
        );
        foreach (string text1 in overrides)
            source.Override(text1);
        return source;
    }

    public string Place(YamlNode node) =>
        _copied.TryGetValue(node, out YamlNode? origin) ? Place(origin)
        : _overridden.TryGetValue(node, out string? text) ? $"override '{Shown.Of(text)}'"
        : node.Start.Line > 0 ? $"{_path}:{node.Start.Line}"
        : _path;

    public bool IsOverride(YamlNode node) => _overridden.ContainsKey(node);

    public string FolderOf(YamlNode node) => IsOverride(node) ? Directory.GetCurrentDirectory() : _folder;

    /// <summary>The keys that an override names: "model.layers=4" is model, layers.</summary>
    public static string[] KeysOf(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals ? text[..equals].Trim().Split('.') : [];

    /// <summary>Lays a mapping over another key by key. A mapping that gives a kind is a thing of its own and replaces the other; so do a
    /// budget and learning rates, whose keys exclude each other.</summary>
    public void Overlay(YamlMappingNode over) => Overlay(Root, over);

    /// <summary>Sets one key, making the sections on its way.</summary>
    public void Set(IReadOnlyList<string> keys, YamlNode value)
    {
        YamlMappingNode at = Root;
        foreach (string key in keys.SkipLast(1))
        {
            var name = new YamlScalarNode(key);
            YamlMappingNode next =
                at.Children.TryGetValue(name, out YamlNode? there) && there is YamlMappingNode mapping
                    ? Copy(mapping)
                    : new YamlMappingNode();
            Put(at, name, next);
            at = next;
        }
        Put(at, new YamlScalarNode(keys[^1]), value);
    }

    private void Overlay(YamlMappingNode under, YamlMappingNode over)
    {
        foreach ((YamlNode key, YamlNode value) in over.Children)
        {
            string name = (key as YamlScalarNode)?.Value ?? "";
            bool merged =
                value is YamlMappingNode part && !part.Children.ContainsKey(new YamlScalarNode("kind")) && name is not ("lr" or "budget");
            if (merged && under.Children.TryGetValue(key, out YamlNode? there) && there is YamlMappingNode below)
            {
                YamlMappingNode copy = Copy(below);
                under.Children[key] = copy;
                Overlay(copy, (YamlMappingNode)value);
            }
            else
            {
                under.Children.Remove(key);
                under.Children.Add(key, value);
            }
        }
    }

    // An anchor may share a mapping between places: what is changed in one of them must not change the others.
    private YamlMappingNode Copy(YamlMappingNode mapping)
    {
        var copy = new YamlMappingNode(mapping.Children);
        _copied[copy] = mapping;
        return copy;
    }

    /// <summary>Lays an override over the tree.</summary>
    /// <exception cref="InputException">It is no key=value.</exception>
    public void Override(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string[] keys = KeysOf(text);
        if (keys.Length == 0 || keys.Any(k => k.Length == 0))
            throw new InputException($"override '{text}' is not of the form key=value; expected for instance grid.seeds=8");
        YamlNode value =
            YamlText.Parse(text[(equals + 1)..], (_, what) => new InputException($"override '{text}': the value is {what}"))
            ?? new YamlScalarNode("");
        Claim(value, text);
        YamlMappingNode at = Root;
        foreach (string key in keys[..^1])
        {
            YamlScalarNode name = Key(key, text);
            if (!at.Children.TryGetValue(name, out YamlNode? next) || next is not YamlMappingNode)
            {
                next = new YamlMappingNode();
                _overridden[next] = text;
                Put(at, name, next);
            }
            at = (YamlMappingNode)next;
        }
        Put(at, Key(keys[^1], text), value);
    }

    private YamlScalarNode Key(string key, string text)
    {
        var node = new YamlScalarNode(key);
        _overridden[node] = text;
        return node;
    }

    private static void Put(YamlMappingNode mapping, YamlScalarNode key, YamlNode value)
    {
        mapping.Children.Remove(key);
        mapping.Children.Add(key, value);
    }

    private void Claim(YamlNode node, string text)
    {
        if (!_overridden.TryAdd(node, text))
            return; // an alias may lead back to its own anchor
        if (node is YamlSequenceNode list)
            foreach (YamlNode item in list)
                Claim(item, text);
        if (node is not YamlMappingNode mapping)
            return;
        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            Claim(key, text);
            Claim(value, text);
        }
    }
}
