import { DomainName, SecurityPolicy } from 'aws-cdk-lib/aws-apigatewayv2'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import type { Construct } from 'constructs'
import type { ApiDomain } from '../deployment.ts'

/**
 * A custom domain of the API. With a truststore API Gateway takes only connections whose client certificate chains to it, and hands the certificate to the
 * functions. The file lies in the bucket of CDK's assets under its own hash, so that another content is another object, which the domain is updated to.
 */
export function customDomain(scope: Construct, { name, certificateArn, truststore }: ApiDomain): DomainName {
  const file = truststore === undefined ? undefined : new Asset(scope, 'Truststore', { path: truststore })
  return new DomainName(scope, 'Domain', {
    domainName: name,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificateArn),
    securityPolicy: SecurityPolicy.TLS_1_2,
    ...(file === undefined ? {} : { mtls: { bucket: file.bucket, key: file.s3ObjectKey } }),
  })
}
