import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { RapportError } from '@rapport/contracts';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Public } from '../http/access.decorator.js';
import type { ApiReply } from '../http/api-request.js';

/** The OpenAPI document, set once the routes are known. */
export class ApiDocument {
  document: OpenAPIObject | undefined;
  /** Folder of the project, whose packages bring the page's style and script; without it there is only the document. */
  projectDir: string | undefined;
}

const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Rapport API</title>
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css" />
    <link rel="icon" href="/docs/assets/favicon-32x32.png" />
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/assets/start.js"></script>
  </body>
</html>`;
const START = "SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#api', deepLinking: true });";
const POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'";

/** `/docs`: the API to read and try out; `/docs/openapi.json`: the same for programs. */
@ApiExcludeController()
@Public()
@Controller('docs')
export class DocsController {
  constructor(private readonly api: ApiDocument) {}

  @Get()
  page(@Res({ passthrough: true }) reply: ApiReply): string {
    reply.header('content-type', 'text/html; charset=utf-8').header('content-security-policy', POLICY);
    return PAGE;
  }

  @Get('openapi.json')
  document(): OpenAPIObject {
    return this.api.document!;
  }

  @Get('assets/:name')
  asset(@Param('name') name: string, @Res({ passthrough: true }) reply: ApiReply): string | StreamableFile {
    if (name === 'start.js') {
      reply.header('content-type', 'text/javascript; charset=utf-8');
      return START;
    }
    const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    const { projectDir } = this.api;
    if (!type || !projectDir) throw new RapportError('NOT_FOUND', 'There is no such file.');
    const packageFile = createRequire(join(projectDir, 'package.json')).resolve(
      'swagger-ui-dist/package.json',
    );
    return new StreamableFile(createReadStream(join(dirname(packageFile), name)), { type });
  }
}
