/** The commands of a page's fenced blocks of shell, without their comments, a line each. */
export function shellLines(page: string): readonly string[] {
  const blocks = [...page.matchAll(/^```sh\n(?<body>.*?)^```$/gms)];
  return blocks.flatMap(({ groups }) =>
    (groups?.["body"] ?? "")
      .replaceAll("\\\n", " ")
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, "").trim())
      .filter((line) => line !== "" && !line.startsWith("#")),
  );
}

/** The commands of gcloud that a page shows: in its blocks, in its sentences, and within other commands. */
export function gcloudLines(page: string): readonly string[] {
  const codes = [...page.matchAll(/`(?<code>[^`\n]+)`/g)].map((found) => found.groups?.["code"]);
  return [...shellLines(page), ...codes].flatMap((line = "") => {
    const found = /(?:^|\$\()(?<command>gcloud [a-z][^)]*)/.exec(line)?.groups?.["command"];
    return found === undefined ? [] : [found.trim()];
  });
}

/** What is put into the texts of the sources, where it is more than a word. */
const PARTS = {
  "${flags}": "--project=example-1 --region=example-1",
  "${at}": "example-1 --project=example-1",
};

/** The commands of gcloud that texts of a source file advise, up to where the text goes on in words. */
export function gcloudAdvice(source: string): readonly string[] {
  const told = Object.entries(PARTS).reduce(
    (text, [part, words]) => text.replaceAll(part, words),
    source,
  );
  const plain = told.replaceAll(/\$\{[^}]*\}/g, "example-1");
  return [...plain.matchAll(/gcloud [a-z](?:[^`"\n,;)(]|,(?=\S))*/g)].map(([found]) =>
    found.replace(/ (?:and|or|shows)\b.*$/, "").trim(),
  );
}
