// The program's own icons: strokes on a grid of 16.

export const icons = {
  models: 'M8 1.8 14 5 8 8.2 2 5zM2 8l6 3.2L14 8M2 11l6 3.2 6-3.2',
  data: 'M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M5.7 8h4.6M5.7 11h3',
  train: 'M9.6 2.2 13.8 6.4M8.2 3.6l4.2 4.2 1.4-1.4-4.2-4.2zM9.6 6.4 2.6 13.4',
  results: 'M2 14h12M4 14V9M8 14V3M12 14V6',
  highlight: 'M2 13.8h12M4.4 10.6 10.8 4.2l2 2-6.4 6.4H4.4zM9.4 5.6l2 2',
  settings: 'M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M10 2.7v3.6M6 9.7v3.6',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4 14 14',
  download: 'M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.5h11',
  bin: 'M2.5 4h11M6 4V2.3h4V4M4 4l.6 9.7h6.8L12 4M6.7 6.6v4.6M9.3 6.6v4.6',
  plus: 'M8 3v10M3 8h10',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3 8.6 6.4 12 13 4.6',
  warning: 'M8 2.2 14.4 13.6H1.6zM8 6.4v3.4M8 11.6v.2',
  error: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 4.8v4M8 11v.2',
  info: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 7.4v3.8M8 4.8V5',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  open: 'M9 2.5h4.5V7M13.2 2.8 7.5 8.5M11.5 9.5v4h-9v-9h4',
  folder: 'M1.8 3.5h4.4l1.4 1.7h6.6v7.6H1.8z',
  file: 'M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3',
  stop: 'M4 4h8v8H4z',
  play: 'M5 3l8 5-8 5z',
  again: 'M13.4 8a5.4 5.4 0 1 1-1.6-3.8M13.4 1.8v3h-3',
  columns: 'M2 2.8h12v10.4H2zM8 2.8v10.4',
  pencil: 'M2.5 13.5l.6-3 7.6-7.6 2.4 2.4-7.6 7.6zM9.4 4.2l2.4 2.4',
  empty: 'M2 9.5 4 3h8l2 6.5v3.7H2zM2 9.5h3.6l.8 1.6h3.2l.8-1.6H14',
  keyboard: 'M1.5 4h13v8h-13zM4 6.6v.2M6.7 6.6v.2M9.3 6.6v.2M12 6.6v.2M5 9.6h6',
  next: 'M6 3.5 10.5 8 6 12.5',
} as const;

export type IconName = keyof typeof icons;
