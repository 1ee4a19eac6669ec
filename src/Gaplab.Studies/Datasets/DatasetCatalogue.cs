// The data sets that gaplab data knows. A size or checksum stands here only where it is known for certain.
using Gaplab.Numerics;

namespace Gaplab.Studies.Datasets;

/// <summary>Public data sets of the four domains.</summary>
public static class DatasetCatalogue
{
    private const string Cifar = "https://www.cs.toronto.edu/~kriz/",
        CharRnn = "https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/",
        ChemicalVae = "https://raw.githubusercontent.com/aspuru-guzik-group/chemical_vae/master/",
        DeepChem = "https://raw.githubusercontent.com/deepchem/deepchem/fbe3b911a94a6eb8c84c1a9e7ac67a472c49ea80/",
        Hg38 = "https://hgdownload.soe.ucsc.edu/goldenPath/hg38/",
        Multi30k = "https://raw.githubusercontent.com/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a/data/task1/raw/";

    public static IReadOnlyList<Dataset> All { get; } =
    [
        new(
            "tinyshakespeare",
            "1.1 MB of Shakespeare (task: text)",
            "public domain text",
            "https://github.com/karpathy/char-rnn",
            [
                new(
                    "tinyshakespeare.txt",
                    CharRnn + "data/tinyshakespeare/input.txt",
                    1_115_394,
                    "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
                ),
            ]
        ),
        new(
            "multi30k",
            "29,000 sentence pairs, German and English (task: translation)",
            "captions of Flickr30k, for research; see its page",
            "https://github.com/multi30k/dataset",
            [
                new(
                    "train.de.gz",
                    Multi30k + "train.de.gz",
                    637_044,
                    "sha256:726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6"
                ),
                new(
                    "train.en.gz",
                    Multi30k + "train.en.gz",
                    568_929,
                    "sha256:d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f"
                ),
                new("val.de.gz", Multi30k + "val.de.gz", 24_681, "sha256:f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a"),
                new("val.en.gz", Multi30k + "val.en.gz", 21_650, "sha256:14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28"),
                new(
                    "test_2016_flickr.de.gz",
                    Multi30k + "test_2016_flickr.de.gz",
                    22_890,
                    "sha256:9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8"
                ),
                new(
                    "test_2016_flickr.en.gz",
                    Multi30k + "test_2016_flickr.en.gz",
                    21_077,
                    "sha256:611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9"
                ),
            ]
        ),
        new(
            "mnist",
            "70,000 grey digits, 28×28 (task: idx)",
            "CC BY-SA 3.0, as usually stated",
            "https://yann.lecun.com/exdb/mnist/",
            Idx(
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "d53e105ee54ea40749a09fcbcd1e9432",
                "9fb629c4189551a2d022fa330f9573f3",
                "ec29112dd5afa0611ce80d1b7f02629c"
            )
        ),
        new(
            "fashion-mnist",
            "70,000 grey articles of clothing, 28×28 (task: idx)",
            "MIT",
            "https://github.com/zalandoresearch/fashion-mnist",
            Idx(
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "25c81989df183df01b3e8a0aad5dffbe",
                "bef4ecab320f06d8554ea6380940ec79",
                "bb300cfdad3c16e7a12a480ee83cd310"
            )
        ),
        new(
            "cifar10",
            "60,000 colour images of 10 classes, 32×32 (task: cifar)",
            "none stated",
            Cifar + "cifar.html",
            [new("cifar-10-binary.tar.gz", Cifar + "cifar-10-binary.tar.gz", null, "md5:c32a1d4ab5d03f1284b67883e8d87530")]
        ),
        new(
            "cifar100",
            "60,000 colour images of 100 classes, 32×32 (task: cifar)",
            "none stated",
            Cifar + "cifar.html",
            [new("cifar-100-binary.tar.gz", Cifar + "cifar-100-binary.tar.gz", null, "md5:03b5dce01913d631647c71ecec9e9cb8")]
        ),
        new(
            "hg38-chr21",
            "human chromosome 21, the smallest (FASTA)",
            "free for any use, see its page",
            Hg38,
            [new("chr21.fa.gz", Hg38 + "chromosomes/chr21.fa.gz")]
        ),
        new(
            "hg38-chr20",
            "human chromosome 20 (FASTA)",
            "free for any use, see its page",
            Hg38,
            [new("chr20.fa.gz", Hg38 + "chromosomes/chr20.fa.gz")]
        ),
        new(
            "enzymes",
            "600 protein graphs of 6 classes (TU format)",
            "none stated",
            "https://chrsmrrs.github.io/datasets/",
            [new("ENZYMES.zip", "https://www.chrsmrrs.com/graphkerneldatasets/ENZYMES.zip")]
        ),
        new(
            "zinc",
            "249,455 molecules as SMILES with logP, QED and SAS (CSV)",
            "none stated",
            "https://github.com/aspuru-guzik-group/chemical_vae",
            [new("250k_rndm_zinc_drugs_clean_3.csv", ChemicalVae + "models/zinc_properties/250k_rndm_zinc_drugs_clean_3.csv")]
        ),
        new(
            "esol",
            "1,128 molecules as SMILES with their solubility (CSV)",
            "MIT",
            "https://github.com/deepchem/deepchem",
            [
                new(
                    "delaney-processed.csv",
                    DeepChem + "datasets/delaney-processed.csv",
                    96_699,
                    "sha256:8c06a76f0c6487d29ab0f903e6a7a7139f189ab3c1178f159c8be8964602f189"
                ),
            ]
        ),
    ];

    /// <exception cref="InputException">No such data set.</exception>
    public static Dataset Find(string name) =>
        All.FirstOrDefault(d => d.Name == name)
        ?? throw new InputException(
            $"there is no data set '{name}'{NearestName.Hint(name, [.. All.Select(d => d.Name)])} (known: "
                + $"{string.Join(", ", All.Select(d => d.Name))})"
        );

    private static DatasetFile[] Idx(string at, string trainImages, string trainLabels, string testImages, string testLabels) =>
        [
            new("train-images-idx3-ubyte.gz", at + "train-images-idx3-ubyte.gz", null, "md5:" + trainImages),
            new("train-labels-idx1-ubyte.gz", at + "train-labels-idx1-ubyte.gz", null, "md5:" + trainLabels),
            new("t10k-images-idx3-ubyte.gz", at + "t10k-images-idx3-ubyte.gz", null, "md5:" + testImages),
            new("t10k-labels-idx1-ubyte.gz", at + "t10k-labels-idx1-ubyte.gz", null, "md5:" + testLabels),
        ];
}
