// What is used of PDFKit 0.20, which brings no types.
declare module 'pdfkit' {
  import type { Readable } from 'node:stream';

  interface Options {
    size: 'A4';
    margin: number;
    bufferPages: boolean;
    info: Record<string, string | Date>;
  }
  interface TextOptions {
    width?: number;
    align?: 'left' | 'right';
    lineBreak?: boolean;
    continued?: boolean;
  }
  export default class PDFDocument extends Readable {
    constructor(options: Options);
    x: number;
    y: number;
    page: { width: number; height: number; margins: { bottom: number } };
    font(name: string): this;
    fontSize(points: number): this;
    fillColor(colour: string): this;
    text(text: string, options?: TextOptions): this;
    text(text: string, x: number, y: number, options?: TextOptions): this;
    moveDown(lines?: number): this;
    heightOfString(text: string, options?: TextOptions): number;
    addPage(): this;
    bufferedPageRange(): { start: number; count: number };
    switchToPage(index: number): this;
    end(): void;
  }
}
