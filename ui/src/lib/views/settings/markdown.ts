// Markdown of the list of licences as headings and paragraphs.

export interface Part {
  /** Of a heading, from 1; 0 for a paragraph. */
  level: number;
  text: string;
}

/** Links become their words; code keeps its backticks. */
export function partsOf(markdown: string): Part[] {
  return markdown
    .split(/\n\s*\n/)
    .map((block) => block.trim().replaceAll('\n', ' '))
    .filter(Boolean)
    .map((block) => {
      const [, marks = '', text = ''] = /^(#*)\s*(.*)$/.exec(block) ?? [];
      return { level: marks.length, text: text.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1') };
    });
}
